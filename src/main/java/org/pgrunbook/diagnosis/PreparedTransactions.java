package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * Transactions that were prepared and then forgotten. They keep their locks, and VACUUM from
 * removing rows, through every restart, until somebody decides them.
 *
 * @param node the server
 * @param longer how long one may wait for its decision
 * @param all the oldest first
 */
public record PreparedTransactions(Node node, Duration longer, List<Prepared> all) {
  static final String INCIDENT = "prepared-transactions";

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 10;

  /** How one is decided. */
  public enum Outcome {
    /** Its changes stay. */
    COMMIT,
    /** Its changes go. */
    ROLLBACK
  }

  /**
   * One of them.
   *
   * @param gid the name that its transaction manager gave it
   * @param owner who may decide it, besides superusers
   * @param database where it has to be decided
   * @param waits how long it has waited
   * @param holds how many transactions old the rows are that VACUUM keeps for it
   * @param locks how many it holds
   * @param xid its transaction: a gid may be used again
   * @param prepared when it was prepared
   */
  public record Prepared(
      String gid,
      String owner,
      String database,
      Duration waits,
      long holds,
      long locks,
      String xid,
      Instant prepared) {

    boolean isSame(Prepared other) {
      return gid.equals(other.gid) && xid.equals(other.xid) && prepared.equals(other.prepared);
    }
  }

  static PreparedTransactions of(Server server, Duration longer) {
    return new PreparedTransactions(
        server.node(),
        longer,
        server.rows(Question.PREPARED_TRANSACTIONS).stream()
            .map(PreparedTransactions::prepared)
            .toList());
  }

  private static Prepared prepared(Row row) {
    return new Prepared(
        row.text("gid"),
        row.text("owner"),
        row.text("database"),
        row.duration("waits"),
        row.number("holds"),
        row.number("locks"),
        row.text("xid"),
        row.instant("prepared"));
  }

  /** Those that have waited for too long. */
  public List<Prepared> forgotten() {
    return all.stream().filter(one -> one.waits().compareTo(longer) > 0).toList();
  }

  /** The one of that name; null if there is none. */
  public Prepared named(String gid) {
    return all.stream().filter(one -> one.gid().equals(gid)).findFirst().orElse(null);
  }

  /**
   * Decides one. PostgreSQL does so only outside of a transaction, so it is looked at again right
   * before.
   */
  static boolean decide(Node node, Prepared chosen, Outcome outcome) {
    PreparedTransactions now = of(Server.of(node), Duration.ZERO);
    if (now.all().stream().noneMatch(chosen::isSame)) {
      return node.run().means().wasBegun() && now.named(chosen.gid()) == null;
    }
    node.getSql()
        .database(chosen.database())
        .execute(
            "%s prepared '%s'"
                .formatted(
                    outcome.name().toLowerCase(Locale.ROOT), chosen.gid().replace("'", "''")));
    return true;
  }

  /** What was found out. */
  public Finding finding() {
    if (forgotten().isEmpty()) {
      return Finding.ok(
          INCIDENT,
          node,
          "no prepared transaction has waited for longer than " + Durations.show(longer));
    }
    Prepared oldest = forgotten().getFirst();
    boolean critical = oldest.waits().compareTo(longer.multipliedBy(CRITICAL)) > 0;
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%s for a decision, the oldest for %s: \"%s\" holds %d locks"
            .formatted(
                forgotten().size() == 1
                    ? "1 prepared transaction waits"
                    : forgotten().size() + " prepared transactions wait",
                Durations.show(oldest.waits()),
                oldest.gid(),
                oldest.locks()));
  }
}
