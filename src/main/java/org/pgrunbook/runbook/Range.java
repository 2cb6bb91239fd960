package org.pgrunbook.runbook;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;

/**
 * Which values a parameter may have.
 *
 * @param type the type of the value, or of each value of a list, as written
 * @param min the least one, as the command line spells it
 * @param max the greatest one
 */
record Range(String type, Optional<String> min, Optional<String> max) {
  /** What has an order in which nobody would be surprised. */
  private static final Map<String, Function<String, Comparable<?>>> ORDERED =
      Map.of(
          "int", Range::number,
          "Integer", Range::number,
          "DataSize", DataSize::parse,
          "Duration", Durations::parse);

  static Range of(Parameter parameter) {
    String item = parameter.type().replaceFirst("^List<(.*)>$", "$1").replaceFirst("^.*\\.", "");
    return new Range(item, parameter.min(), parameter.max());
  }

  boolean isGiven() {
    return min.isPresent() || max.isPresent();
  }

  /** Whether values of the type can be compared with a least and a greatest one. */
  boolean isOrdered() {
    return ORDERED.containsKey(type);
  }

  /**
   * Reads a value of the type.
   *
   * @throws IllegalArgumentException if it is none
   */
  Comparable<?> read(String text) {
    return ORDERED.get(type).apply(text);
  }

  private static Integer number(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("\"" + text + "\" is no whole number", e);
    }
  }

  /** How a value is outside: {@code less than 1}; empty if it is within. */
  Optional<String> violation(Object value) {
    return min.filter(least -> compare(least, value) > 0)
        .map(least -> "less than " + least)
        .or(
            () ->
                max.filter(greatest -> compare(greatest, value) < 0)
                    .map(greatest -> "more than " + greatest));
  }

  @SuppressWarnings("unchecked")
  private int compare(String bound, Object value) {
    return ((Comparable<Object>) read(bound)).compareTo(value);
  }

  /** {@code 1 to 64}, {@code at least 1s}; empty if every value will do. */
  String inWords() {
    if (min.isPresent() && max.isPresent()) {
      return min.get() + " to " + max.get();
    }
    return min.map(least -> "at least " + least)
        .or(() -> max.map(greatest -> "at most " + greatest))
        .orElse("");
  }
}
