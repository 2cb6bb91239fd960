package org.pgrunbook.diagnosis;

import java.util.List;

/**
 * Somebody who keeps VACUUM from removing and freezing rows.
 *
 * @param what its kind
 * @param name a session's pid and role, a prepared transaction's gid, a slot's or a standby's name
 * @param holds how many transactions old the oldest row is that is kept for it
 */
public record XminHolder(What what, String name, long holds) {

  /** Its kind, and so what ends it. */
  public enum What {
    /** It sits idle in a transaction. */
    SESSION,
    /** A session that carries out a statement. */
    STATEMENT,
    PREPARED,
    SLOT,
    /** By hot_standby_feedback: one of its queries. */
    STANDBY;

    /** The playbook that helps. */
    public String playbook() {
      return switch (this) {
        case SESSION -> IdleInTransaction.INCIDENT;
        case PREPARED -> PreparedTransactions.INCIDENT;
        case SLOT -> InactiveSlots.INCIDENT;
        case STATEMENT, STANDBY -> RunawayQueries.INCIDENT;
      };
    }
  }

  /** All of them, the one that keeps the oldest rows first. */
  static List<XminHolder> of(Server server) {
    return server.rows(Question.XMIN_HOLDERS).stream()
        .map(
            row ->
                new XminHolder(
                    What.valueOf(row.text("what")), row.text("name"), row.number("holds")))
        .toList();
  }

  @Override
  public String toString() {
    return switch (what) {
      case SESSION, STATEMENT -> "session " + name;
      case PREPARED -> "prepared transaction \"" + name + "\"";
      case SLOT -> "slot \"" + name + "\"";
      case STANDBY -> "a query on standby \"" + name + "\"";
    };
  }
}
