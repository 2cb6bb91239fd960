package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * How far the receivers of a server's WAL are behind, by the stage at which it waits: each has
 * another cause.
 *
 * @param node the server that sends
 * @param limit how much WAL one may be behind
 * @param receivers the one that is behind the most first
 */
public record ReplicationLag(Node node, DataSize limit, List<Receiver> receivers) {
  static final String INCIDENT = "replication-lag";

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 10;

  /** Where WAL waits, in its order. */
  public enum Stage {
    /** On the sender: the network, or a walsender that gets no time. */
    SEND,
    /** In the receiver's memory. */
    WRITE,
    /** For the receiver's disk. */
    FLUSH,
    /** To be applied: paused, delayed, in conflict with a query, or slower than the primary. */
    REPLAY
  }

  /**
   * A receiver.
   *
   * @param application what it calls itself: a standby's cluster_name
   * @param client its address
   * @param state {@code streaming} if all is well
   * @param sync its part in synchronous replication
   * @param unsent what was not sent yet
   * @param unwritten what was sent, and not written
   * @param unflushed what was written, and is not on its disk
   * @param unreplayed what is on its disk, and not applied
   * @param delay how long a commit takes to be replayed there; null when nothing happens
   */
  public record Receiver(
      String application,
      String client,
      String state,
      String sync,
      DataSize unsent,
      DataSize unwritten,
      DataSize unflushed,
      DataSize unreplayed,
      Duration delay) {

    static Receiver of(Row row) {
      return new Receiver(
          row.text("application"),
          row.text("client"),
          row.text("state"),
          row.text("sync"),
          row.bytes("unsent"),
          row.bytes("unwritten"),
          row.bytes("unflushed"),
          row.bytes("unreplayed"),
          row.duration("delay"));
    }

    /** How much it is behind in all. */
    public DataSize total() {
      return new DataSize(
          unsent.bytes() + unwritten.bytes() + unflushed.bytes() + unreplayed.bytes());
    }

    /** Where the most waits. */
    public Stage stage() {
      return List.of(Stage.values()).stream().max(Comparator.comparing(this::at)).orElseThrow();
    }

    private DataSize at(Stage stage) {
      return switch (stage) {
        case SEND -> unsent;
        case WRITE -> unwritten;
        case FLUSH -> unflushed;
        case REPLAY -> unreplayed;
      };
    }
  }

  static ReplicationLag of(Server server, DataSize limit) {
    return new ReplicationLag(
        server.node(),
        limit,
        server.rows(Question.LAG_BY_STAGE).stream().map(Receiver::of).toList());
  }

  /** Those that are too far behind. */
  public List<Receiver> late() {
    return receivers.stream().filter(one -> one.total().compareTo(limit) > 0).toList();
  }

  /** What was found out. */
  public Finding finding() {
    if (receivers.isEmpty()) {
      return Finding.ok(INCIDENT, node, "nobody receives WAL from it");
    }
    if (late().isEmpty()) {
      return Finding.ok(INCIDENT, node, "no receiver of WAL is further behind than " + limit);
    }
    Receiver worst = late().getFirst();
    boolean critical = worst.total().bytes() > limit.bytes() * CRITICAL;
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "\"%s\" is %s behind, most of it waits %s"
            .formatted(
                worst.application(),
                worst.total(),
                switch (worst.stage()) {
                  case SEND -> "to be sent";
                  case WRITE -> "to be written there";
                  case FLUSH -> "for its disk";
                  case REPLAY -> "to be replayed";
                }));
  }
}
