package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The steps in progress. A step's path is its parents' names and its own with slashes between; a
 * name may hold a slash itself, so only those that are open tell where one ends.
 */
final class OpenSteps {
  private final Map<String, Instant> begun = new LinkedHashMap<>();

  void started(String path, Instant at) {
    begun.put(path, at);
  }

  void ended(String path) {
    begun.remove(path);
  }

  /** Of how many open steps this path is inside, itself included. */
  int depth(String path) {
    return (int) begun.keySet().stream().filter(open -> isWithin(path, open)).count();
  }

  /** A step's own name. */
  String name(String path) {
    int parent =
        begun.keySet().stream()
            .filter(open -> !open.equals(path) && isWithin(path, open))
            .mapToInt(String::length)
            .max()
            .orElse(-1);
    return path.substring(parent + 1);
  }

  /** Whether no other open step is around it. */
  boolean isOutermost(String path) {
    return begun.keySet().stream().noneMatch(open -> !open.equals(path) && isWithin(path, open));
  }

  /** The one that was begun last. */
  Optional<String> newest() {
    return begun.keySet().stream().reduce((earlier, later) -> later);
  }

  /** For how long a step has been in progress. */
  Duration since(String path, Instant now) {
    return Duration.between(begun.get(path), now);
  }

  private static boolean isWithin(String path, String open) {
    return path.equals(open) || path.startsWith(open + "/");
  }
}
