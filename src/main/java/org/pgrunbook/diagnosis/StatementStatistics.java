package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.sql.Row;

/**
 * Which statements a server spends its time with, from two looks at pg_stat_statements: counters
 * since some day tell nothing of now.
 *
 * @see <a href="https://www.postgresql.org/docs/current/pgstatstatements.html">pg_stat_statements
 *     </a>
 */
final class StatementStatistics {
  private static final String QUERY =
      """
      select s.userid::bigint || ' ' || s.dbid || ' ' || s.queryid || ' ' || s.toplevel as key,
             d.datname as database, pg_get_userbyid(s.userid) as user,
             left(regexp_replace(s.query, '\\s+', ' ', 'g'), 120) as query,
             s.calls, round(s.total_exec_time)::bigint as ms, s.shared_blks_read as read,
             s.temp_blks_written as temp, current_setting('block_size')::bigint as block
      from {schema}.pg_stat_statements s join pg_database d on d.oid = s.dbid
      where s.queryid is not null\
      """;

  private StatementStatistics() {}

  /** Why there are none to be seen; empty if there are. */
  static String obstacle(Server server) {
    Row row = server.row(Question.STATEMENT_STATISTICS);
    if (!row.bool("loaded")) {
      return "pg_stat_statements is not loaded: add it to shared_preload_libraries, and restart";
    }
    return row.text("schema") == null
        ? "pg_stat_statements is not in this database: CREATE EXTENSION pg_stat_statements;"
        : "";
  }

  /** One look, by statement. */
  static Map<String, Row> look(Server server) {
    String schema = server.row(Question.STATEMENT_STATISTICS).text("schema");
    return server.node().getSql().rows(QUERY.replace("{schema}", schema)).stream()
        .collect(Collectors.toMap(row -> row.text("key"), Function.identity()));
  }

  /** What came in between, the most time first. */
  static List<Performance.Statement> between(Map<String, Row> before, Map<String, Row> after) {
    return after.entrySet().stream()
        .map(entry -> statement(Optional.ofNullable(before.get(entry.getKey())), entry.getValue()))
        .filter(one -> one.calls() > 0)
        .sorted(Comparator.comparing(Performance.Statement::time).reversed())
        .toList();
  }

  private static Performance.Statement statement(Optional<Row> before, Row now) {
    // One whose counter went back was thrown out, and has come again since.
    Optional<Row> base = before.filter(row -> row.number("calls") <= now.number("calls"));
    long block = now.number("block");
    return new Performance.Statement(
        now.text("database"),
        now.text("user"),
        now.text("query"),
        since(base, now, "calls"),
        Duration.ofMillis(since(base, now, "ms")),
        new DataSize(since(base, now, "read") * block),
        new DataSize(since(base, now, "temp") * block));
  }

  private static long since(Optional<Row> before, Row now, String column) {
    return Math.max(0, now.number(column) - before.map(row -> row.number(column)).orElse(0L));
  }
}
