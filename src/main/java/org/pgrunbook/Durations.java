package org.pgrunbook;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 30s}, {@code 5 min}, {@code 30 days}, or ISO 8601 ({@code
 * PT5M}).
 */
public final class Durations {
  private static final Pattern FORM = Pattern.compile("(\\d+)\\s*([a-z]+)");
  private static final Map<String, Duration> UNITS =
      Map.ofEntries(
          Map.entry("ms", Duration.ofMillis(1)),
          Map.entry("s", Duration.ofSeconds(1)),
          Map.entry("second", Duration.ofSeconds(1)),
          Map.entry("seconds", Duration.ofSeconds(1)),
          Map.entry("m", Duration.ofMinutes(1)),
          Map.entry("min", Duration.ofMinutes(1)),
          Map.entry("minute", Duration.ofMinutes(1)),
          Map.entry("minutes", Duration.ofMinutes(1)),
          Map.entry("h", Duration.ofHours(1)),
          Map.entry("hour", Duration.ofHours(1)),
          Map.entry("hours", Duration.ofHours(1)),
          Map.entry("d", Duration.ofDays(1)),
          Map.entry("day", Duration.ofDays(1)),
          Map.entry("days", Duration.ofDays(1)));

  private Durations() {}

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Duration parse(String text) {
    try {
      return text.startsWith("P") ? Duration.parse(text) : words(text);
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw none(text);
    }
  }

  private static Duration words(String text) {
    var matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    Duration unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw none(text);
    }
    return unit.multipliedBy(Long.parseLong(matcher.group(1)));
  }

  private static IllegalArgumentException none(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is no duration such as 30s, 5min or 30 days");
  }

  /**
   * A duration for a person: {@code 12 ms}, {@code 1.4 s}, {@code 3 min 20 s}, {@code 2 h 5 min},
   * {@code 3 d 4 h}.
   */
  public static String show(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return "%.1f s".formatted(millis / 1000.0);
    }
    if (millis < 3_600_000) {
      return two(duration.toMinutes(), "min", duration.toSecondsPart(), "s");
    }
    if (millis < 86_400_000) {
      return two(duration.toHours(), "h", duration.toMinutesPart(), "min");
    }
    return two(duration.toDays(), "d", duration.toHoursPart(), "h");
  }

  private static String two(long large, String largeUnit, long small, String smallUnit) {
    return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
  }
}
