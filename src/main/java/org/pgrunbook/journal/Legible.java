package org.pgrunbook.journal;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;

/** Values as a person reads them in a table, live or as the journal has them. */
public final class Legible {
  private Legible() {}

  /** A value in one cell; {@code -} if there is none. */
  public static String cell(Object value) {
    return switch (value) {
      case null -> "-";
      case Optional<?> optional -> cell(optional.orElse(null));
      case Duration duration -> Durations.show(duration);
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      case Boolean flag -> flag ? "yes" : "no";
      case Named named -> named.toString();
      case Double number when Double.isFinite(number) -> rounded(number);
      case Collection<?> items ->
          items.isEmpty()
              ? "-"
              : items.stream().map(Legible::cell).collect(Collectors.joining(", "));
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> entry.getKey() + ": " + cell(entry.getValue()))
              .collect(Collectors.joining("; "));
      default -> value.toString();
    };
  }

  /**
   * A figure as the journal has it.
   *
   * @param type what it was, by {@link Revival#type}; null in a journal that does not say it
   */
  public static String figure(Object value, Object type) {
    return Duration.class.getName().equals(type) && value instanceof Number seconds
        ? Durations.show(seconds(seconds))
        : cell(value);
  }

  /** A duration as the journal has it. */
  public static Duration seconds(Number value) {
    return Duration.ofNanos(Math.round(value.doubleValue() * 1e9));
  }

  /** {@code startLsn} is {@code start lsn}. */
  public static String words(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }

  private static String rounded(double number) {
    BigDecimal exact = BigDecimal.valueOf(number);
    return exact.scale() <= 3
        ? Double.toString(number)
        : exact.setScale(3, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString();
  }
}
