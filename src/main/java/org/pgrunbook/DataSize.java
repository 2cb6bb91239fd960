package org.pgrunbook;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An amount of data in bytes, written as PostgreSQL writes memory settings: {@code 16MB}, {@code 1
 * GB}, {@code 0}.
 *
 * <p>As in PostgreSQL the units are powers of 1024 ({@code B kB MB GB TB}); {@code KiB MiB GiB TiB}
 * mean the same.
 *
 * @param bytes how many
 * @see <a href="https://www.postgresql.org/docs/current/config-setting.html">Setting parameters</a>
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
  private static final Pattern FORM = Pattern.compile("(\\d+)(?:\\.(\\d+))?\\s*([a-zA-Z]*)");
  private static final Map<String, Integer> SHIFT =
      Map.of(
          "", 0, "b", 0, "kb", 10, "kib", 10, "mb", 20, "mib", 20, "gb", 30, "gib", 30, "tb", 40,
          "tib", 40);

  /**
   * Reads a size such as {@code 16MB} or {@code 1.5 GB}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static DataSize parse(String text) {
    var matcher = FORM.matcher(text.strip());
    Integer shift = matcher.matches() ? SHIFT.get(matcher.group(3).toLowerCase(Locale.ROOT)) : null;
    if (shift == null) {
      throw new IllegalArgumentException("\"" + text + "\" is no size such as 16MB, 1.5GB or 0");
    }
    double value =
        Double.parseDouble(
            matcher.group(1) + "." + (matcher.group(2) == null ? "0" : matcher.group(2)));
    return new DataSize(Math.round(value * (1L << shift)));
  }

  @Override
  public int compareTo(DataSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /**
   * The size with one decimal in the largest fitting unit: {@code 0 B}, {@code 16 MB}, {@code 1.5
   * GB}.
   */
  @Override
  public String toString() {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    double value = bytes;
    while (Math.abs(value) >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    String number = unit == 0 || value == Math.rint(value) ? "%.0f" : "%.1f";
    return number.formatted(value) + " " + units[unit];
  }
}
