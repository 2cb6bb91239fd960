package org.pgrunbook.inventory;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgrunbook.Problem;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value of a YAML file that knows its key and its place. Scalars are taken as the text that was
 * written, so that YAML's own ideas of {@code no}, {@code 012} or {@code 22:22} do not matter.
 *
 * @param key the key that it stands under, for messages
 * @param name where that key stands
 * @param file the file
 * @param node what SnakeYAML composed
 */
record YamlValue(String key, Position name, Path file, Node node) {
  private static final Set<Tag> PLAIN_TAGS =
      Set.of(
          Tag.STR,
          Tag.INT,
          Tag.FLOAT,
          Tag.BOOL,
          Tag.NULL,
          Tag.TIMESTAMP,
          Tag.MAP,
          Tag.SEQ,
          Tag.MERGE);

  Position position() {
    return Position.of(file, node.getStartMark());
  }

  /** Whether the key stands alone, its value left out or commented out. */
  boolean isNothing() {
    return node.getTag().equals(Tag.NULL);
  }

  boolean isMapping() {
    return node instanceof MappingNode;
  }

  /** The text of a scalar. */
  String text() {
    if (isNothing() || (plain() instanceof ScalarNode scalar && scalar.getValue().isBlank())) {
      throw Problem.usage("\"" + key + "\" has no value");
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw mustBe("one value");
  }

  /** The items of a list; none where there is nothing. */
  List<YamlValue> items() {
    if (isNothing()) {
      return List.of();
    }
    if (plain() instanceof SequenceNode sequence) {
      return sequence.getValue().stream()
          .map(item -> new YamlValue(key, Position.of(file, item.getStartMark()), file, item))
          .toList();
    }
    throw mustBe("a list");
  }

  /** The values of a mapping by their keys; none where there is nothing. */
  Map<String, YamlValue> entries(Findings findings) {
    if (isNothing()) {
      return Map.of();
    }
    if (!(plain() instanceof MappingNode mapping)) {
      throw mustBe("a mapping");
    }
    Map<String, YamlValue> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Position place = Position.of(file, tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
        findings.fault(place, Problem.usage("a key must be one word"));
        continue;
      }
      YamlValue value = new YamlValue(name.getValue(), place, file, tuple.getValueNode());
      YamlValue first = entries.putIfAbsent(value.key, value);
      if (first != null) {
        findings.fault(place, twice("key \"" + value.key + "\"", first));
      }
    }
    return entries;
  }

  static Problem twice(String subject, YamlValue first) {
    return Problem.usage(subject + " is given twice").hint("The first is at " + first.name + ".");
  }

  /** The node, if its tag is one of YAML's own. Others are not named: they may be a secret. */
  private Node plain() {
    if (!PLAIN_TAGS.contains(node.getTag())) {
      throw Problem.usage("\"" + key + "\" has a custom tag")
          .hint("Remove the tag, or put the value into quotes if it begins with \"!\".");
    }
    return node;
  }

  private Problem mustBe(String wanted) {
    String found =
        switch (node) {
          case MappingNode _ -> "a mapping";
          case SequenceNode _ -> "a list";
          default -> "one value";
        };
    return Problem.usage("\"" + key + "\" must be " + wanted + ", not " + found);
  }
}
