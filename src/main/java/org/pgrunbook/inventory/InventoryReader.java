package org.pgrunbook.inventory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.Sha256;

/** Finds the inventory and reads it: one file, or every {@code *.yml} of a folder in name order. */
public final class InventoryReader {
  private static final String VARIABLE = "PGRUNBOOK_INVENTORY";

  private InventoryReader() {}

  /**
   * Where the inventory is: what {@code -i} says, else {@code $PGRUNBOOK_INVENTORY}, else the
   * folder {@code inventory} in the working folder.
   *
   * @throws Problem with exit 2 if nothing is there
   */
  public static Path locate(Optional<Path> flag, Map<String, String> env, Path workingFolder) {
    Optional<Path> variable =
        Optional.ofNullable(env.get(VARIABLE)).filter(path -> !path.isBlank()).map(Path::of);
    Path inventory = workingFolder.resolve(flag.or(() -> variable).orElse(Path.of("inventory")));
    if (Files.exists(inventory)) {
      return inventory;
    }
    Problem problem = Problem.usage("inventory \"" + inventory + "\" does not exist");
    if (flag.isPresent()) {
      throw problem.hint("Check the path that is given with -i.");
    }
    if (variable.isPresent()) {
      throw problem.hint("Check the path that is set in $" + VARIABLE + ".");
    }
    throw problem.hint("Name a file or a folder with -i or in $" + VARIABLE + ".");
  }

  /**
   * Reads a file or a folder. Secrets are not looked at: an inventory can be read where they are
   * not.
   *
   * @throws Problem with exit 2 that tells every fault with {@code file:line:column}
   */
  public static Inventory read(Path fileOrFolder) {
    List<YamlFile> files = files(fileOrFolder).stream().map(YamlFile::load).toList();
    Findings findings = new Findings();
    List<Map<String, YamlValue>> tops = files.stream().map(file -> file.entries(findings)).toList();
    // What a broken file holds is unknown: faults of the others would only mislead.
    findings.refuse();

    Section root = new Section(findings, "", "the inventory", Position.start(fileOrFolder), tops);
    root.once("defaults");
    Section defaults = root.section("defaults");
    defaults.allow("ssh", "sql");
    Map<String, RepositorySpec> repositories = new LinkedHashMap<>();
    root.named("repositories", name -> "repository \"" + name + "\"")
        .forEach((name, section) -> repositories.put(name, RepositoryReader.read(name, section)));
    ClusterReader reader = new ClusterReader(defaults, repositories);
    Map<String, ClusterSpec> clusters = new LinkedHashMap<>();
    root.named("clusters", name -> "cluster \"" + name + "\"")
        .forEach((name, section) -> clusters.put(name, reader.read(name, section)));
    findings.finish();
    return new Inventory(
        repositories,
        clusters,
        findings.settings(),
        files.stream().map(YamlFile::path).toList(),
        digest(files));
  }

  private static List<Path> files(Path fileOrFolder) {
    if (!Files.isDirectory(fileOrFolder)) {
      return List.of(fileOrFolder);
    }
    List<Path> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(fileOrFolder)) {
      // Hidden ones are what editors leave while a file is open.
      entries
          .filter(file -> file.getFileName().toString().matches("[^.].*\\.yml"))
          .sorted()
          .forEach(files::add);
    } catch (IOException e) {
      throw Problem.usage("cannot read the inventory folder \"" + fileOrFolder + "\"").because(e);
    }
    if (files.isEmpty()) {
      throw Problem.usage("inventory folder \"" + fileOrFolder + "\" has no *.yml")
          .hint("Start from the example that is shipped as inventory/examples/orders.yml.");
    }
    return files;
  }

  static String digest(List<YamlFile> files) {
    MessageDigest digest = Sha256.digest();
    files.forEach(file -> digest.update(file.text().getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }
}
