package org.pgrunbook.inventory;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * One file of the inventory. SnakeYAML only composes it, it constructs nothing; its default limits
 * on size, depth and aliases stop what is meant to exhaust the memory.
 *
 * @param path the file
 * @param text what it holds
 */
record YamlFile(Path path, String text) {
  /** The complaints of SnakeYAML that quote the file after these words. */
  private static final String QUOTING =
      "(?s)(found undefined (?:alias|tag handle)|Global tag is not allowed).*";

  static YamlFile load(Path path) {
    try {
      return new YamlFile(path, Files.readString(path));
    } catch (CharacterCodingException e) {
      throw Problem.usage("inventory file \"" + path + "\" is not UTF-8").because(e);
    } catch (IOException e) {
      throw Problem.usage("cannot read the inventory file \"" + path + "\"")
          .hint("Check that it exists and that you may read it.")
          .because(e);
    }
  }

  /** The values at the top of the file; none if it holds only comments. */
  Map<String, YamlValue> entries(Findings findings) {
    Position start = Position.start(path);
    try {
      Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
      return root == null
          ? Map.of()
          : new YamlValue(path.getFileName().toString(), start, path, root).entries(findings);
    } catch (MarkedYAMLException e) {
      findings.fault(place(e.getProblemMark()), invalid(e.getProblem()));
    } catch (YAMLException e) {
      findings.fault(start, invalid(e.getMessage()));
    } catch (Problem e) {
      findings.fault(start, e);
    }
    return Map.of();
  }

  private Position place(Mark mark) {
    return Optional.ofNullable(mark)
        .map(m -> Position.of(path, m))
        .orElseGet(() -> Position.start(path));
  }

  /**
   * SnakeYAML's exception is not kept as a cause, and the name of an alias or tag is cut off: both
   * quote the file, and a password that was left unquoted may begin with {@code *} or {@code !}.
   */
  private static Problem invalid(String reason) {
    return Problem.usage("not valid YAML: " + reason.replaceFirst(QUOTING, "$1"));
  }
}
