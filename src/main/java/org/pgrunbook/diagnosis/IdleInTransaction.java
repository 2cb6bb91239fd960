package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import org.pgrunbook.Durations;

/**
 * Sessions that sit idle in a transaction. They hold their locks, and keep VACUUM from removing
 * what they might still want to see.
 *
 * @param activity all processes at that moment
 * @param longer how long is too long
 * @param sessions those that sit for longer, the oldest transaction first
 */
public record IdleInTransaction(Activity activity, Duration longer, List<Backend> sessions) {
  static final String INCIDENT = "idle-in-transaction";

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 3;

  /**
   * One of them.
   *
   * @param inTheWayOf how many wait for one of its locks
   * @param holds how many transactions old the rows are that VACUUM keeps for it
   * @param mayBeEnded not if it is protected
   * @param pid its process
   * @param who role and application
   * @param client the address
   * @param state what it does
   * @param since for how long
   * @param transaction for how long its transaction has been open
   * @param lastStatement its text, shortened
   */
  public record Line(
      int pid,
      String who,
      String client,
      String state,
      Duration since,
      Duration transaction,
      int inTheWayOf,
      Long holds,
      boolean mayBeEnded,
      String lastStatement) {}

  /** What to show of them. */
  public List<Line> lines() {
    return sessions.stream()
        .map(
            one ->
                new Line(
                    one.pid(),
                    one.who(),
                    one.client(),
                    one.state(),
                    one.since(),
                    one.transaction(),
                    activity.behind(one.pid()).size(),
                    one.holds(),
                    !one.leftAlone(),
                    one.statement()))
        .toList();
  }

  /** Those that may be ended. */
  public List<Backend> endable() {
    return sessions.stream().filter(one -> !one.leftAlone()).toList();
  }

  /** Those in whose way they are. */
  public List<Backend> waiting() {
    return sessions.stream()
        .flatMap(one -> activity.behind(one.pid()).stream())
        .distinct()
        .toList();
  }

  /** What was found out. */
  public Finding finding() {
    if (sessions.isEmpty()) {
      return Finding.ok(
          INCIDENT,
          activity.node(),
          "nobody sits idle in a transaction for longer than " + Durations.show(longer));
    }
    Duration longest = sessions.stream().map(Backend::since).max(Duration::compareTo).orElseThrow();
    boolean critical = longest.compareTo(longer.multipliedBy(CRITICAL)) > 0;
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        activity.node(),
        "%s idle in a transaction for longer than %s, the longest for %s: %s"
            .formatted(
                sessions.size() == 1 ? "1 session sits" : sessions.size() + " sessions sit",
                Durations.show(longer),
                Durations.show(longest),
                sessions.getFirst().who()));
  }
}
