package org.pgrunbook.diagnosis;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pgrunbook.sql.Row;

/** Which tables are read from end to end, from two looks at their counters. */
final class WholeReads {
  /** One look, by table. */
  static Map<String, Row> look(Server server) {
    return server.inEveryDatabase(Question.WHOLE_READS).stream()
        .collect(
            Collectors.toMap(
                row -> row.text("database") + " " + row.number("oid"), Function.identity()));
  }

  /** What came in between, the most rows first. */
  static List<Performance.WholeRead> between(Map<String, Row> before, Map<String, Row> after) {
    return after.entrySet().stream()
        .map(entry -> read(Optional.ofNullable(before.get(entry.getKey())), entry.getValue()))
        .filter(one -> one.scans() > 0)
        .sorted(Comparator.comparingLong(Performance.WholeRead::rows).reversed())
        .toList();
  }

  private static Performance.WholeRead read(Optional<Row> before, Row now) {
    // A counter that went back was reset.
    Optional<Row> base = before.filter(row -> row.number("scans") <= now.number("scans"));
    return new Performance.WholeRead(
        now.text("database"),
        now.text("name"),
        now.number("scans") - base.map(row -> row.number("scans")).orElse(0L),
        Math.max(0, now.number("rows") - base.map(row -> row.number("rows")).orElse(0L)));
  }

  private WholeReads() {}
}
