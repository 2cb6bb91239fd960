package org.pgrunbook.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pgrunbook.Durations;
import org.pgrunbook.journal.Named;

/** Sets rows as a table of plain text: two blanks between columns, numbers to the right. */
final class TextTable {
  private TextTable() {}

  static List<String> lines(List<String> columns, List<? extends List<?>> rows) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(columns);
    rows.forEach(row -> cells.add(row.stream().map(TextTable::cell).toList()));
    int[] widths =
        IntStream.range(0, columns.size())
            .map(i -> cells.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
            .toArray();
    boolean[] right = new boolean[columns.size()];
    for (int i = 0; i < right.length; i++) {
      int column = i;
      right[i] =
          !rows.isEmpty()
              && rows.stream()
                  .map(row -> (Object) row.get(column))
                  .allMatch(Number.class::isInstance);
    }
    return cells.stream().map(row -> line(row, widths, right)).toList();
  }

  private static String line(List<String> row, int[] widths, boolean[] right) {
    return IntStream.range(0, row.size())
        .mapToObj(i -> pad(row.get(i), widths[i], right[i]))
        .collect(Collectors.joining("  "))
        .stripTrailing();
  }

  private static String pad(String text, int width, boolean right) {
    String blanks = " ".repeat(width - text.length());
    return right ? blanks + text : text + blanks;
  }

  /** A value for a person. */
  static String cell(Object value) {
    return switch (value) {
      case null -> "-";
      case Optional<?> optional -> cell(optional.orElse(null));
      case Duration duration -> Durations.show(duration);
      case Enum<?> constant -> constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
      case Boolean flag -> flag ? "yes" : "no";
      case Named named -> named.toString();
      case Collection<?> items ->
          items.isEmpty()
              ? "-"
              : items.stream().map(TextTable::cell).collect(Collectors.joining(", "));
      default -> value.toString();
    };
  }
}
