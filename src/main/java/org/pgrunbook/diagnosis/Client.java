package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import org.pgrunbook.sql.Row;

/**
 * A client's session, as it was when it was looked at.
 *
 * @param pid its process
 * @param user its role
 * @param database what it is connected to
 * @param application what it calls itself; empty if it does not
 * @param client its address; {@code local} for a Unix socket
 * @param state {@code active}, {@code idle}, {@code idle in transaction} and the like
 * @param since how long it has been in that state
 * @param age how long it has been connected
 * @param waits the type of event that an active one waits for; null if it works
 * @param superuser whether its role is one, which no limit of connections holds
 * @param leftAlone whether it is never ended: protected by the inventory, or a tool's that must not
 *     be cut off, or a superuser's while we are none
 * @param started with the pid it names the session: pids are used again
 * @param changed when it got into its state: another value means that it has done something since
 */
public record Client(
    int pid,
    String user,
    String database,
    String application,
    String client,
    String state,
    Duration since,
    Duration age,
    String waits,
    boolean superuser,
    boolean leftAlone,
    Instant started,
    Instant changed)
    implements Endable {

  static Client of(Row row) {
    return new Client(
        row.as(Integer.class, "pid"),
        row.text("user"),
        row.text("database"),
        row.text("application"),
        row.text("client"),
        row.text("state"),
        row.duration("since"),
        row.duration("age"),
        row.text("waits"),
        row.bool("superuser"),
        row.bool("left_alone"),
        row.instant("backend_start"),
        row.instant("state_change"));
  }

  boolean isIdle() {
    return state.equals("idle");
  }

  boolean isIdleInTransaction() {
    return state.startsWith("idle in transaction");
  }
}
