package org.pgrunbook.inventory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.pgrunbook.Problem;

/**
 * What reading an inventory brings to light: every fault, so that they can be mended in one go, and
 * every effective value with its origin.
 */
final class Findings {
  private record Fault(Position position, Problem problem) {}

  /** In the order of the files, each once: a fault in the defaults is met again with every node. */
  private final TreeSet<Fault> faults =
      new TreeSet<>(
          Comparator.comparing(Fault::position).thenComparing(fault -> fault.problem().fact()));

  private final List<Section> sections = new ArrayList<>();
  private final List<Setting> settings = new ArrayList<>();

  void fault(Position position, Problem problem) {
    faults.add(new Fault(position, problem.at(position.toString())));
  }

  void setting(String path, Object value, Optional<Position> origin) {
    settings.add(Setting.of(path, value, origin));
  }

  /** Has the section say at the end which of its keys nobody asked for. */
  void watch(Section section) {
    sections.add(section);
  }

  boolean any() {
    return !faults.isEmpty();
  }

  List<Setting> settings() {
    return List.copyOf(settings);
  }

  void finish() {
    sections.forEach(Section::finish);
    refuse();
  }

  /** Throws if there is any fault so far: one as it is, several as one message of many lines. */
  void refuse() {
    if (faults.size() == 1) {
      throw faults.first().problem();
    }
    if (!faults.isEmpty()) {
      StringBuilder all = new StringBuilder("the inventory has " + faults.size() + " errors");
      for (Fault fault : faults) {
        all.append("\n").append(fault.position()).append(": ").append(fault.problem().fact());
        fault.problem().hints().forEach(hint -> all.append("\n  HINT: ").append(hint));
      }
      throw Problem.usage(all.toString());
    }
  }
}
