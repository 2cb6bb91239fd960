package org.pgrunbook.diagnosis;

import java.time.Duration;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * Whether a standby gets its WAL from the server that it is told to follow.
 *
 * @param node the standby
 * @param wanted whether it is told to: else it takes its WAL from the archive alone
 * @param receiver {@code streaming} if all is well, {@code no receiver} if there is none
 * @param slot by which it follows; empty if it uses none
 * @param replayed from where on it needs WAL
 */
public record StandbyStream(Node node, boolean wanted, String receiver, String slot, Lsn replayed) {
  static final String INCIDENT = "replication-broken";
  private static final Duration STEADY = Duration.ofSeconds(1);
  private static final Duration MOMENT = Duration.ofMillis(100);
  private static final int LOOKS = 3;

  /**
   * What a server still has of what a standby needs.
   *
   * @param wal whether the file is there in which the standby goes on
   * @param slot the standby's: {@code reserved}, {@code lost} and the like; null if it is gone
   */
  public record Kept(boolean wal, String slot) {
    /** Whether the standby could go on if it got in touch. */
    public boolean isEnough() {
      return wal && !"lost".equals(slot);
    }
  }

  /** One look: a receiver that fails again and again may be there at just this moment. */
  static StandbyStream of(Server server) {
    return of(server, server.row(Question.STANDBY_STREAM));
  }

  private static StandbyStream of(Server server, Row row) {
    return new StandbyStream(
        server.node(),
        row.bool("wanted"),
        row.text("receiver"),
        row.text("slot"),
        Lsn.parse(row.text("replayed")));
  }

  /** Looks until a receiver has lived for a while, or is known not to. */
  static StandbyStream steady(Server server) {
    for (int i = 0; i < LOOKS; i++) {
      Row row = server.row(Question.STANDBY_STREAM);
      Duration age = row.duration("age");
      if (age == null || age.compareTo(STEADY) >= 0) {
        return of(server, row);
      }
      server.node().run().time().sleep(STEADY.minus(age).plus(MOMENT));
    }
    StandbyStream last = of(server);
    return new StandbyStream(
        last.node(),
        last.wanted(),
        "its receiver fails again and again",
        last.slot(),
        last.replayed());
  }

  /** What the primary has for it. */
  Kept kept(Server primary) {
    Row row = primary.row(Question.KEPT_WAL, replayed.toString(), slot);
    return new Kept(row.bool("there"), row.text("slot"));
  }

  /** Whether it gets WAL. */
  public boolean isWell() {
    return !wanted || receiver.equals("streaming");
  }

  /** What was found out. */
  public Finding finding() {
    if (!wanted) {
      return Finding.ok(INCIDENT, node, "it follows no server");
    }
    return isWell()
        ? Finding.ok(INCIDENT, node, "it streams")
        : Finding.of(
            Verdict.WARN,
            INCIDENT,
            node,
            "it does not stream: %s; it needs WAL from %s on".formatted(receiver, replayed));
  }
}
