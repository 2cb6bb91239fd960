package org.pgrunbook.diagnosis;

import java.util.Comparator;
import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Node;

/**
 * What is in a server's pg_wal, and what keeps it there. When the disk below it is full the server
 * stops.
 *
 * @param node the server
 * @param limit how much old WAL it may hold
 * @param total what all of its files take
 * @param ahead what those take that are to be written anew: the server needs them soon
 * @param keepers what keeps old WAL, the one that keeps the most first
 * @see <a href="https://www.postgresql.org/docs/current/wal-configuration.html">WAL
 *     configuration</a>
 */
public record WalUsage(
    Node node, DataSize limit, DataSize total, DataSize ahead, List<Keeper> keepers) {
  static final String INCIDENT = "pg-wal-filling";

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 4;

  /** How much more than {@code max_wal_size} a server may hold unless somebody says. */
  private static final int USUAL = 2;

  /** What keeps WAL, and so what helps. */
  public enum What {
    /** A consumer that does not come. */
    INACTIVE_SLOT,
    /** A consumer that is behind. */
    SLOT,
    /** Files that were not archived. */
    ARCHIVER,
    /** A setting. */
    WAL_KEEP_SIZE,
    /** It was written since the last checkpoint began, and a crash would replay it. */
    CHECKPOINT,
    /** It was not read by the WAL summarizer, from PostgreSQL 17 on. */
    SUMMARIZER
  }

  /**
   * One that keeps WAL.
   *
   * @param what its kind
   * @param name a slot's, else in words
   * @param keeps how much, of what pg_wal holds
   */
  public record Keeper(What what, String name, DataSize keeps) {
    /** The playbook that helps; null if it is ours. */
    public String playbook() {
      return switch (what) {
        case INACTIVE_SLOT -> InactiveSlots.INCIDENT;
        case SLOT -> ReplicationLag.INCIDENT;
        case ARCHIVER -> Archiving.INCIDENT;
        case WAL_KEEP_SIZE, CHECKPOINT, SUMMARIZER -> null;
      };
    }

    @Override
    public String toString() {
      return switch (what) {
        case INACTIVE_SLOT -> "slot \"" + name + "\", which nobody uses,";
        case SLOT -> "slot \"" + name + "\", whose consumer is behind,";
        default -> name;
      };
    }
  }

  /**
   * Looks.
   *
   * @param limit null: twice the server's max_wal_size
   */
  static WalUsage of(Server server, DataSize limit) {
    var size = server.row(Question.WAL_SIZE);
    DataSize total = size.bytes("total");
    DataSize ahead = size.bytes("ahead");
    DataSize held = new DataSize(total.bytes() - ahead.bytes());
    return new WalUsage(
        server.node(),
        limit == null ? new DataSize(USUAL * size.bytes("most").bytes()) : limit,
        total,
        ahead,
        server.rows(Question.WAL_KEEPERS).stream()
            .map(
                row ->
                    new Keeper(
                        What.valueOf(row.text("what")),
                        row.text("name"),
                        // A setting may want more than there is.
                        row.bytes("keeps").compareTo(held) > 0 ? held : row.bytes("keeps")))
            .sorted(Comparator.comparing(Keeper::keeps).reversed().thenComparing(Keeper::what))
            .toList());
  }

  /** The old WAL. */
  public DataSize held() {
    return new DataSize(total.bytes() - ahead.bytes());
  }

  /** What keeps the most. */
  public Keeper culprit() {
    return keepers.getFirst();
  }

  /** What was found out. */
  public Finding finding() {
    if (held().compareTo(limit) <= 0) {
      return Finding.ok(INCIDENT, node, "pg_wal holds no more old WAL than " + limit);
    }
    boolean critical = held().bytes() > limit.bytes() * CRITICAL;
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "pg_wal holds %s of old WAL; %s keeps %s"
            .formatted(
                held(), culprit(), culprit().keeps().equals(held()) ? "it" : culprit().keeps()));
  }
}
