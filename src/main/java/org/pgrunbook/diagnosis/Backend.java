package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.pgrunbook.Durations;
import org.pgrunbook.sql.Row;

/**
 * A process of a server, as it was when it was looked at.
 *
 * @param pid its process
 * @param kind {@code client backend}, {@code walsender}, {@code autovacuum worker} and the like
 * @param user its role; null for the server's own
 * @param database what it is connected to; null for the server's own
 * @param application what it calls itself
 * @param client its address; {@code local} for a Unix socket
 * @param state {@code active}, {@code idle in transaction} and the like; empty for the server's own
 * @param since how long it has been in that state
 * @param age how long it has been connected
 * @param transaction how long its transaction has been open; null if none is
 * @param waits the event that it waits for, {@code Lock:relation}; null if for none
 * @param query the statement in progress, else the last one
 * @param cut whether there is more of the statement than track_activity_query_size lets us see
 * @param holds how many transactions old the oldest row version is that it may still want to see
 * @param lock the lock that it waits for; null if for none
 * @param blockedBy the processes that have that lock, or wait for it in front; 0 is a prepared
 *     transaction
 * @param superuser whether its role is one, which no limit of connections holds
 * @param leftAlone whether it is never ended: protected by the inventory, a tool's that must not be
 *     cut off, or a superuser's while we are none
 * @param started with the pid it names the session: pids are used again
 * @param changed when it got into its state: another value means that it has done something since
 */
public record Backend(
    int pid,
    String kind,
    String user,
    String database,
    String application,
    String client,
    String state,
    Duration since,
    Duration age,
    Duration transaction,
    String waits,
    String query,
    boolean cut,
    Long holds,
    LockWait lock,
    List<Integer> blockedBy,
    boolean superuser,
    boolean leftAlone,
    Instant started,
    Instant changed) {
  private static final int SHOWN = 60;

  /** Statements that are expected to take long. */
  private static final Set<String> MAINTENANCE =
      Set.of("alter", "analyze", "cluster", "copy", "create", "refresh", "reindex", "vacuum");

  /**
   * A lock that is waited for.
   *
   * @param type {@code relation}, {@code transactionid} and the like
   * @param mode {@code AccessExclusiveLock} and the like
   * @param relation the table or index; null if it is none
   * @param waited for how long
   */
  public record LockWait(String type, String mode, String relation, Duration waited) {
    @Override
    public String toString() {
      return mode + " on " + (relation == null ? type : relation);
    }
  }

  /**
   * A process as a line of a table.
   *
   * @param pid its process
   * @param who role and application
   * @param state what it does
   * @param since for how long
   * @param transaction for how long its transaction has been open; null: none is
   * @param query its statement, shortened
   */
  public record Line(
      int pid, String who, String state, Duration since, Duration transaction, String query) {}

  static Backend of(Row row) {
    return new Backend(
        row.as(Integer.class, "pid"),
        row.text("kind"),
        row.text("user"),
        row.text("database"),
        row.text("application"),
        row.text("client"),
        row.text("state"),
        row.duration("since"),
        row.duration("age"),
        row.duration("transaction"),
        row.text("wait_event_type") == null
            ? null
            : row.text("wait_event_type") + ":" + row.text("wait_event"),
        row.text("query"),
        Boolean.TRUE.equals(row.bool("cut")),
        row.number("holds"),
        row.text("locktype") == null
            ? null
            : new LockWait(
                row.text("locktype"),
                row.text("mode"),
                row.text("relation"),
                row.duration("waited")),
        row.list("blocked_by").stream().map(pid -> ((Long) pid).intValue()).toList(),
        row.bool("superuser"),
        row.bool("left_alone"),
        row.instant("backend_start"),
        row.instant("state_change"));
  }

  boolean isClient() {
    return kind.equals("client backend");
  }

  boolean isIdle() {
    return state.equals("idle");
  }

  boolean isActive() {
    return state.equals("active");
  }

  /** Whether it waits until a standby confirms its commit, which is done already. */
  boolean isCommitted() {
    return waits != null && waits.endsWith(":SyncRep");
  }

  /** Whether it is a session of pgrunbook itself, of any run. */
  boolean isOurs() {
    return application.startsWith("pgrunbook/");
  }

  boolean isIdleInTransaction() {
    return state.startsWith("idle in transaction");
  }

  /** Whether it carries out what is expected to take long: an index, a dump, a vacuum. */
  boolean isMaintenance() {
    String first = query.strip().split("\\W", 2)[0];
    return MAINTENANCE.contains(first.toLowerCase(Locale.ROOT));
  }

  /** {@code 4711 (app of "shop", idle in transaction for 3 min)}. */
  public String inWords() {
    String doing = state.isEmpty() ? kind : state + " for " + Durations.show(since);
    return "%d (%s, %s)".formatted(pid, who(), doing);
  }

  /** What to show of it. */
  public Line line() {
    return new Line(pid, who(), state.isEmpty() ? kind : state, since, transaction, statement());
  }

  /** {@code app of "shop"}: the role and what it calls itself. */
  public String who() {
    return user == null
        ? kind
        : application.isEmpty() ? user : "%s of \"%s\"".formatted(user, application);
  }

  /** The statement on one line, shortened. */
  public String statement() {
    String line = query.strip().replaceAll("\\s+", " ");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN - 1) + "…";
  }
}
