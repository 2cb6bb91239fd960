package org.pgrunbook.inventory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;

/**
 * A mapping of the inventory, or several laid over each other. What is asked for is checked and
 * remembered with its origin; a key that nobody asked for is unknown. So the readers are the only
 * list of keys.
 */
final class Section {
  /** Names become folders, object keys and targets such as {@code orders/pg1}. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

  private final Findings findings;
  private final String path;
  private final String subject;
  private final Position position;

  /** The innermost first: it wins. */
  private final List<Map<String, YamlValue>> levels;

  private final Set<String> known = new LinkedHashSet<>();
  private final Set<String> missing = new LinkedHashSet<>();

  /**
   * A section.
   *
   * @param path where it is in the effective inventory, {@code clusters.orders.nodes.pg1}
   * @param subject what messages call it, {@code node "orders/pg1"}
   * @param position where it begins
   */
  Section(
      Findings findings,
      String path,
      String subject,
      Position position,
      List<Map<String, YamlValue>> levels) {
    this.findings = findings;
    this.path = path;
    this.subject = subject;
    this.position = position;
    this.levels = levels;
    findings.watch(this);
  }

  String subject() {
    return subject;
  }

  Position position() {
    return position;
  }

  /** The value of the innermost level that has the key. */
  <T> Optional<T> get(String key, Form<T> form) {
    Optional<T> effective = Optional.empty();
    // Every level is read: what is wrong in the defaults is wrong even where it is overridden.
    for (YamlValue value : values(key)) {
      try {
        T read = form.read(value);
        if (effective.isEmpty()) {
          effective = Optional.of(read);
          findings.setting(path(key), read, Optional.of(value.position()));
        }
      } catch (Problem problem) {
        findings.fault(value.position(), problem);
      }
    }
    return effective;
  }

  <T> T get(String key, Form<T> form, T byDefault) {
    Optional<T> value = get(key, form);
    if (value.isEmpty()) {
      findings.setting(path(key), byDefault, Optional.empty());
    }
    return value.orElse(byDefault);
  }

  /**
   * A value that must be there.
   *
   * @param standIn lets the reading go on after a fault; the inventory is refused in the end
   */
  <T> T required(String key, Form<T> form, T standIn) {
    require(key);
    return get(key, form).orElse(standIn);
  }

  void require(String key) {
    if (!has(key)) {
      missing.add(key);
    }
  }

  boolean has(String key) {
    return !values(key).isEmpty();
  }

  /**
   * Refuses a key that several files of a folder give; names below it are counted by themselves.
   */
  void once(String key) {
    List<YamlValue> values = values(key);
    for (YamlValue again : values.stream().skip(1).toList()) {
      fault(again.name(), YamlValue.twice(quoted(key), values.getFirst()));
    }
  }

  boolean hasMapping(String key) {
    return values(key).stream().anyMatch(YamlValue::isMapping);
  }

  /** Takes keys that another section reads as its outer levels. */
  void allow(String... keys) {
    known.addAll(List.of(keys));
  }

  /** All keys that are written here, for sections with keys of the user's own choice. */
  Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    levels.forEach(level -> keys.addAll(level.keySet()));
    return keys;
  }

  /** The section under a key; this one's values before those of the outer ones, in their order. */
  Section section(String key, Section... outer) {
    List<YamlValue> values =
        Stream.concat(Stream.of(this), Stream.of(outer))
            .flatMap(section -> section.values(key).stream())
            .toList();
    Position start = values.isEmpty() ? position : values.getFirst().name();
    return new Section(findings, path(key), quoted(key), start, levels(values));
  }

  /** The sections under the names of the user's own choice that stand under a key. */
  Map<String, Section> named(String key, UnaryOperator<String> subjectOf) {
    Map<String, YamlValue> named = new LinkedHashMap<>();
    for (Map<String, YamlValue> level : levels(values(key))) {
      level.forEach(
          (name, value) -> {
            YamlValue first = named.putIfAbsent(name, value);
            if (first != null) {
              fault(value.name(), YamlValue.twice(subjectOf.apply(name), first));
            } else if (!NAME.matcher(name).matches()) {
              fault(
                  value.name(),
                  Problem.usage(subjectOf.apply(name) + " has an unfit name")
                      .hint("Use letters, digits, \"_\", \"-\" and \".\"."));
            }
          });
    }
    Map<String, Section> sections = new LinkedHashMap<>();
    named.forEach(
        (name, value) ->
            sections.put(
                name,
                new Section(
                    findings,
                    path(key) + "." + name,
                    subjectOf.apply(name),
                    value.name(),
                    levels(List.of(value)))));
    return sections;
  }

  /** The sections of a list. */
  List<Section> items(String key) {
    List<Section> sections = new ArrayList<>();
    for (YamlValue list : values(key)) {
      try {
        for (YamlValue item : list.items()) {
          String itemPath = path(key) + "[" + sections.size() + "]";
          sections.add(
              new Section(findings, itemPath, quoted(key), item.name(), levels(List.of(item))));
        }
      } catch (Problem problem) {
        fault(list.position(), problem);
      }
    }
    return sections;
  }

  void fault(Position place, Problem problem) {
    findings.fault(place, problem);
  }

  /** Reports what was misspelt and what is missing; a slip of a required key only once. */
  void finish() {
    for (Map<String, YamlValue> level : levels) {
      for (YamlValue value : level.values()) {
        if (!known.contains(value.key())) {
          Nearest.to(value.key(), known).ifPresent(missing::remove);
          fault(
              value.name(),
              Problem.usage("unknown key \"" + value.key() + "\" in " + subject)
                  .hint(Nearest.hint(value.key(), known)));
        }
      }
    }
    for (String key : missing) {
      fault(position, Problem.usage(subject + " has no " + quoted(key)));
    }
  }

  private List<YamlValue> values(String key) {
    known.add(key);
    return levels.stream().map(level -> level.get(key)).filter(Objects::nonNull).toList();
  }

  private List<Map<String, YamlValue>> levels(List<YamlValue> values) {
    List<Map<String, YamlValue>> mappings = new ArrayList<>();
    for (YamlValue value : values) {
      try {
        mappings.add(value.entries(findings));
      } catch (Problem problem) {
        fault(value.position(), problem);
      }
    }
    return mappings;
  }

  private String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String quoted(String key) {
    return "\"" + key + "\"";
  }
}
