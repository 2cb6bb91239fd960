package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * Statements of clients that have been running for too long. Never a walsender or an autovacuum
 * worker, which are active for as long as they live; who waits for a lock or for a standby is no
 * culprit; an index build, a dump or a tool's session is expected to take long.
 *
 * @param activity all processes at that moment
 * @param longer how long is too long
 * @param queries the longest first
 */
public record RunawayQueries(Activity activity, Duration longer, List<Backend> queries) {
  static final String INCIDENT = "runaway-query";

  private static final Set<String> PLANNED =
      Set.of("select", "with", "insert", "update", "delete", "merge", "values", "table");

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 10;

  /** EXPLAIN knows GENERIC_PLAN, for a statement with parameters. */
  private static final int GENERIC_PLAN = 16;

  /**
   * A statement.
   *
   * @param waits the event that it waits for; null if it works
   * @param mayBeCancelled not if its session is protected
   * @param pid its process
   * @param who role and application
   * @param database where it runs
   * @param runs for how long
   * @param statement its text, shortened
   */
  public record Line(
      int pid,
      String who,
      String database,
      Duration runs,
      String waits,
      boolean mayBeCancelled,
      String statement) {}

  static RunawayQueries of(Activity activity, Duration longer) {
    return new RunawayQueries(
        activity,
        longer,
        activity.all().stream()
            .filter(one -> one.isClient() && one.isActive() && one.lock() == null)
            .filter(one -> !one.isMaintenance() && !one.isOurs() && !one.isCommitted())
            .filter(one -> one.since().compareTo(longer) > 0)
            .sorted(Comparator.comparing(Backend::since).reversed())
            .toList());
  }

  /** What to show of them. */
  public List<Line> lines() {
    return queries.stream()
        .map(
            one ->
                new Line(
                    one.pid(),
                    one.who(),
                    one.database(),
                    one.since(),
                    one.waits(),
                    !one.leftAlone(),
                    one.statement()))
        .toList();
  }

  /** Those that may be cancelled. */
  public List<Backend> cancellable() {
    return queries.stream().filter(one -> !one.leftAlone()).toList();
  }

  /** Those of the chosen ones that still run the same statement at a later moment. */
  public static List<Backend> stillRunning(List<Backend> chosen, Activity later) {
    return chosen.stream().filter(later::isUnchanged).toList();
  }

  /**
   * How the server would carry out a statement now, by EXPLAIN without ANALYZE: it is not carried
   * out. Why it cannot be told is an answer, too.
   */
  public static List<String> plan(Node node, Backend one) {
    String first = one.query().strip().split("\\W", 2)[0].toLowerCase(Locale.ROOT);
    if (one.cut() || !PLANNED.contains(first)) {
      return List.of(one.cut() ? "its text is not known to the end" : "it has no plan");
    }
    boolean generic = Server.of(node).major() >= GENERIC_PLAN;
    try {
      return node
          .getSql()
          .database(one.database())
          .rows("explain " + (generic ? "(generic_plan) " : "") + one.query())
          .stream()
          .map(Row::values)
          .map(values -> String.valueOf(values.iterator().next()))
          .toList();
    } catch (Problem e) {
      return List.of("its plan cannot be told: " + e.fact());
    }
  }

  /** What was found out. */
  public Finding finding() {
    if (queries.isEmpty()) {
      return Finding.ok(
          INCIDENT,
          activity.node(),
          "no statement has been running for longer than " + Durations.show(longer));
    }
    Backend longest = queries.getFirst();
    boolean critical = longest.since().compareTo(longer.multipliedBy(CRITICAL)) > 0;
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        activity.node(),
        "%s for longer than %s, the longest for %s: %d of %s"
            .formatted(
                queries.size() == 1
                    ? "1 statement has been running"
                    : queries.size() + " statements have been running",
                Durations.show(longer),
                Durations.show(longest.since()),
                longest.pid(),
                longest.who()));
  }
}
