package org.pgrunbook.replication;

import java.util.Optional;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.ssh.Command;

/**
 * Finds out whether a node can follow a primary as it is: by the history of timelines, not by what
 * a tool believes (P77).
 */
final class Comparison {
  private final Node node;
  private final Node primary;

  Comparison(Node node, Node primary) {
    this.node = node;
    this.primary = primary;
  }

  Divergence perform() {
    Standing leader = Standing.of(primary);
    ControlFile control = Host.control(node).orElseThrow(this::noDatabase);
    String system = Long.toUnsignedString(control.systemIdentifier());
    if (!system.equals(leader.systemIdentifier())) {
      throw Problem.refused(
              "%s holds another database system: %s, not %s"
                  .formatted(node, system, leader.systemIdentifier()))
          .hint("It never was a standby of " + primary + ": look at what it is.");
    }
    boolean running = node.getPostmaster().isRunning();
    Replay replay = running ? Replay.of(node) : null;
    int timeline = running ? replay.timeline() : EndOfWal.timeline(control);
    Lsn end = running ? replay.replayed() : end(control);
    TimelineHistory history = TimelineHistory.of(primary, leader.timeline());
    Optional<Lsn> fork = history.forkOf(timeline);
    if (history.contains(timeline, end)) {
      return new Divergence(
          node,
          running,
          timeline,
          end,
          fork.orElse(Lsn.NONE),
          new DataSize(0),
          Way.FOLLOW,
          "its WAL is of the history of timeline " + leader.timeline());
    }
    // A timeline that the primary's history never was on has nothing in common with it.
    Lsn from = fork.orElse(Lsn.NONE);
    DataSize discarded = fork.map(end::minus).orElse(new DataSize(end.value()));
    String obstacle = fork.isEmpty() ? "their timelines have nothing in common" : rewinds(control);
    return new Divergence(
        node,
        running,
        timeline,
        end,
        from,
        discarded,
        obstacle.isEmpty() ? Way.REWIND : Way.CLONE,
        "its WAL goes beyond %s, where timeline %d began%s"
            .formatted(
                from, leader.timeline(), obstacle.isEmpty() ? "" : "; no rewind: " + obstacle));
  }

  private Problem noDatabase() {
    return Problem.refused(
            "\"%s\" of %s holds no database".formatted(node.getPostmaster().getData(), node))
        .hint(
            "Make it anew: pgrunbook run replication/create-standby %s -p node=%s."
                .formatted(node.fullName().replaceFirst("/.*", ""), node));
  }

  /** Everything on its disk is replayed when it starts, not only what it has replayed already. */
  private Lsn end(ControlFile control) {
    Lsn known = Lsn.latest(control.checkpoint().lsn(), control.recovery().minimumEnd());
    return new EndOfWal(node, control).after(known).orElse(known);
  }

  /** Why pg_rewind is of no use here (P74); empty if it is. */
  private String rewinds(ControlFile control) {
    if (!control.initial().dataChecksums() && !control.settings().walLogHints()) {
      return "it has neither data checksums nor wal_log_hints";
    }
    try {
      String program = node.getPostmaster().program("pg_rewind");
      Command look = Command.probe("test", "-x", program).accept(0, 1);
      return node.getSsh().run(look).exit() == 0 ? "" : "there is no " + program;
    } catch (Problem e) {
      return e.fact();
    }
  }
}
