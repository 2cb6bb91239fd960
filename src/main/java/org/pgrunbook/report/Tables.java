package org.pgrunbook.report;

import java.util.List;
import org.pgrunbook.journal.Legible;

/** Sets tables in HTML: in a frame that scrolls by itself where the page is narrow. */
final class Tables {
  /** From this on a single row is set downwards. */
  private static final int WIDE = 5;

  /** How many rows of one table are shown. */
  static final int ROWS = 200;

  private Tables() {}

  static void of(Html html, String caption, List<String> columns, List<List<Object>> rows) {
    html.in(
        "div.frame",
        () ->
            html.in(
                "table",
                () -> {
                  if (isDownwards(columns, rows)) {
                    downwards(html, columns, rows.getFirst());
                  } else {
                    across(html, columns, rows);
                  }
                },
                "aria-label",
                caption),
        "tabindex",
        "0",
        "role",
        "region",
        "aria-label",
        caption);
    if (rows.size() > ROWS) {
      html.leaf("p.left", Words.count(rows.size() - ROWS, "more row") + " not shown.");
    }
  }

  static boolean isDownwards(List<String> columns, List<List<Object>> rows) {
    return rows.size() == 1 && columns.size() > WIDE;
  }

  private static void downwards(Html html, List<String> columns, List<Object> row) {
    for (int i = 0; i < columns.size(); i++) {
      int column = i;
      html.in(
          "tr",
          () ->
              html.leaf("th", Legible.words(columns.get(column)), "scope", "row")
                  .leaf("td", cell(row.get(column))));
    }
  }

  private static void across(Html html, List<String> columns, List<List<Object>> rows) {
    html.in(
        "thead",
        () ->
            html.in(
                "tr",
                () ->
                    columns.forEach(name -> html.leaf("th", Legible.words(name), "scope", "col"))));
    html.in(
        "tbody",
        () ->
            rows.stream()
                .limit(ROWS)
                .forEach(
                    row ->
                        html.in(
                            "tr",
                            () ->
                                row.forEach(
                                    value ->
                                        html.leaf(
                                            value instanceof Number ? "td.number" : "td",
                                            cell(value))))));
  }

  static String cell(Object value) {
    return Words.whole(Legible.cell(value));
  }
}
