package org.pgrunbook.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pgrunbook.journal.Legible;

/** Sets rows as a table of plain text: two blanks between columns, numbers to the right. */
final class TextTable {
  private static final int WIDE = 5;

  private TextTable() {}

  /** What a runbook shows: a table, or a single wide record set downwards. */
  static List<String> shown(List<String> columns, List<? extends List<?>> rows) {
    return rows.size() == 1 && columns.size() > WIDE
        ? downwards(columns.stream().map(Legible::words).toList(), rows.getFirst())
        : lines(columns, rows);
  }

  /** One line a row, under a heading. */
  static List<String> lines(List<String> columns, List<? extends List<?>> rows) {
    List<String> headings = columns.stream().map(Legible::words).toList();
    List<List<String>> cells = new ArrayList<>();
    cells.add(headings);
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

  private static List<String> downwards(List<String> headings, List<?> row) {
    int width = headings.stream().mapToInt(String::length).max().orElse(0);
    return IntStream.range(0, row.size())
        .mapToObj(i -> pad(headings.get(i), width, false) + "  " + cell(row.get(i)))
        .toList();
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
    return Legible.cell(value);
  }
}
