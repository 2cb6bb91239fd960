package org.pgrunbook.sql;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Operation.Wire;
import org.pgrunbook.journal.Run;

/**
 * The statements that one server takes.
 *
 * <p>{@link #rows}, {@link #row} and {@link #value} are probes: they run in a read-only
 * transaction. {@link #execute} and {@link #returning} are changes: they run outside of any
 * transaction, so that CHECKPOINT or ALTER SYSTEM work. Question marks take the parameters in their
 * order; text goes without a type, as a literal does.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-set-transaction.html">READ ONLY</a>
 */
public abstract sealed class Statements implements AutoCloseable permits Sql, Session {
  /**
   * What may be done twice: it comes to the same, or is gone with the session that did it. A
   * setting that is set twice is what it is.
   */
  private static final Pattern REPEATABLE =
      Pattern.compile(
          """
          (?isx) ^ (?! .* ; \\s* \\S ) \\s* ( alter\\s+system\\b | checkpoint\\b | vacuum\\b | analyze\\b
            | (begin|start\\s+transaction|set|lock\\s+table|declare)\\b
            | drop\\s+[a-z]+\\s+if\\s+exists\\b | create\\s+[a-z]+\\s+if\\s+not\\s+exists\\b
            | insert\\b .* \\bon\\s+conflict\\s+do\\s+nothing\\s*$
            | select\\s+(pg_reload_conf|pg_wal_replay_pause|pg_wal_replay_resume
                |pg_logical_emit_message|pg_switch_wal|pg_stat_force_next_flush)\\( )
          """);

  private final String node;
  private final Run run;

  Statements(String node, Run run) {
    this.node = node;
    this.run = run;
  }

  /** Lends the connection that a statement runs on. */
  abstract <T> T with(Function<Link, T> work);

  abstract Duration probeLimit();

  abstract Duration changeLimit();

  final String node() {
    return node;
  }

  final Run run() {
    return run;
  }

  /**
   * The rows of a query: a probe, within 30 s. {@code ?} in it takes the parameters in order.
   *
   * @throws Problem with exit 2 if it is no mere query, 5 if the server cannot be reached, 1 if the
   *     query fails
   */
  public List<Row> rows(String sql, Object... parameters) {
    ReadOnly.require(sql);
    Query query = Query.of(sql, parameters);
    return run.means()
        .probe(
            Operation.probe(Wire.SQL, node, query.toString()),
            meter -> {
              List<Row> rows = with(link -> link.probe(query, probeLimit()));
              meter.result("rows", rows.size());
              return rows;
            });
  }

  /**
   * The only row of a query: a probe.
   *
   * @throws Problem with exit 1 if there are none or several, and as {@link #rows} does
   */
  public Row row(String sql, Object... parameters) {
    return only(rows(sql, parameters));
  }

  /**
   * The only value of a query, of its only row the only column; NULL is {@code null}. A probe.
   *
   * @throws Problem as {@link #row} does
   */
  public Object value(String sql, Object... parameters) {
    return value(Object.class, sql, parameters);
  }

  /**
   * The only value of a query as a type, such as {@code String}, {@code Long} or {@code Boolean}:
   * {@code sql.value(Long, 'select …')}. A probe.
   *
   * @throws Problem with exit 1 if it is of another type, and as {@link #row} does
   */
  public <T> T value(Class<T> type, String sql, Object... parameters) {
    Row row = row(sql, parameters);
    if (row.size() != 1) {
      throw Problem.failed("the query returned %d columns, not one".formatted(row.size())).at(node);
    }
    return row.as(type, row.columns().getFirst());
  }

  /**
   * Carries out a statement that changes something, outside of any transaction and within 10 min. A
   * dry run only shows it and answers 0.
   *
   * @return how many rows were changed or returned
   * @throws Problem with exit 5 if the server cannot be reached, 1 if the statement fails
   */
  @Changes
  public int execute(String sql, Object... parameters) {
    Query query = Query.of(sql, parameters);
    if (REPEATABLE.matcher(sql).find()) {
      return Doubt.repeatable(() -> execute(query));
    }
    return execute(query);
  }

  private int execute(Query query) {
    return run.means()
        .change(
            Operation.change(Wire.SQL, node, query.toString()),
            0,
            meter -> {
              int rows = with(link -> link.execute(query, changeLimit()));
              meter.result("rows", rows);
              return rows;
            });
  }

  /**
   * Carries out a change that answers one row, such as {@code select pg_switch_wal() as lsn},
   * within 10 min.
   *
   * @param assumed what a dry run answers
   * @throws Problem as {@link #execute} does, and with exit 1 if there are none or several rows
   */
  @Changes
  public Row returning(Row assumed, String sql, Object... parameters) {
    Query query = Query.of(sql, parameters);
    return run.means()
        .change(
            Operation.change(Wire.SQL, node, query.toString()),
            assumed,
            meter -> {
              List<Row> rows = with(link -> link.returning(query, changeLimit()));
              meter.result("rows", rows.size());
              return only(rows);
            });
  }

  @Override
  public abstract void close();

  private Row only(List<Row> rows) {
    if (rows.size() != 1) {
      throw Problem.failed("the query returned %d rows, not one".formatted(rows.size())).at(node);
    }
    return rows.getFirst();
  }
}
