package org.pgrunbook.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Postmaster;
import org.pgrunbook.postgres.Standing;

/**
 * What a healthy primary does in a switchover: it is marked as a standby, stops, and comes back as
 * one; or, as long as nobody was promoted, as the primary that it was (P70, P71).
 */
final class Handover {
  private static final Duration POLL = Duration.ofMillis(50);

  private final Node primary;
  private final Node candidate;

  Handover(Node primary, Node candidate) {
    this.primary = primary;
    this.candidate = candidate;
  }

  /** The slots that the candidate lacks for those that will follow it. */
  List<String> lacking(List<Node> others) {
    String own = Slots.of(candidate);
    List<String> names = new ArrayList<>();
    if (!own.isEmpty()) {
      names.add(Slots.named(primary));
    }
    others.stream().map(Slots::of).filter(name -> !name.isEmpty()).forEach(names::add);
    return Slots.lacking(candidate, names);
  }

  /**
   * Writes down whom it follows from now on. Only now: as long as nobody was promoted there is
   * nothing of it to take back.
   */
  private void follow() {
    Conninfo conninfo =
        Conninfo.parse(
            candidate.getSql().value(String.class, "select current_setting('primary_conninfo')"));
    conninfo.password().ifPresent(primary.run().secrets()::register);
    new StandbyConfiguration(primary)
        .follow(
            conninfo.to(candidate.spec().host(), candidate.spec().sql().port()),
            Slots.of(candidate).isEmpty() ? "" : Slots.named(primary));
  }

  /**
   * Stops it fast and reads from its disk where its last record, the shutdown checkpoint, begins.
   *
   * @throws Problem with exit 1 if it does not stop in time, or did not stop cleanly
   */
  Lsn stop(Duration limit) {
    Lsn now = Standing.of(primary).lsn();
    primary.getPostmaster().stop(Postmaster.Stop.FAST, limit);
    return primary
        .run()
        .means()
        .outcome(primary + " is shut down cleanly", now, this::shutdownCheckpoint);
  }

  private Lsn shutdownCheckpoint() {
    ControlFile control = primary.getPostmaster().controlFile();
    if (control.state() != ControlFile.State.SHUT_DOWN) {
      throw Problem.failed(
          "%s has stopped, but not cleanly: its pg_control says %s"
              .formatted(primary, control.state().name().toLowerCase(java.util.Locale.ROOT)));
    }
    return control.checkpoint().lsn();
  }

  /**
   * The way back, before anybody was promoted: it takes writes again. A server that is still going
   * down is waited for, never started blindly.
   */
  void takeBack(Duration limit) {
    new Fence(primary).unmark();
    long start = primary.run().time().nanos();
    while (!isPrimary()) {
      if (!primary.getPostmaster().isRunning()) {
        primary.getPostmaster().start(limit);
      } else if (primary.run().time().since(start).compareTo(limit) > 0) {
        throw Problem.failed(
                "%s takes no writes after %s".formatted(primary, Durations.show(limit)))
            .hint("Look into its log; it may still be going down. No standby was promoted.");
      } else {
        primary.run().time().sleep(POLL);
      }
    }
  }

  private boolean isPrimary() {
    return Standing.ask(primary).kind() == Standing.Kind.PRIMARY;
  }

  /** Starts it as a standby of the promoted one; that it cannot is one more thing to repair. */
  Follower comeBack(List<Node> others, Duration limit) {
    try {
      follow();
      if (primary.run().means().isDry() || !primary.getPostmaster().isRunning()) {
        primary.getPostmaster().start(limit);
      }
      new Following(primary, candidate, limit).awaitStream();
      List<String> stale = new ArrayList<>(others.stream().map(Slots::of).toList());
      stale.add(Slots.of(candidate));
      Slots.drop(primary, stale.stream().filter(name -> !name.isEmpty()).toList());
      return new Follower(primary, true, "");
    } catch (Problem e) {
      if (e.exit() == Exit.INTERRUPTED) {
        throw e;
      }
      primary.run().journal().warn(primary + " does not follow " + candidate + ": " + e.fact());
      return new Follower(primary, false, e.fact());
    }
  }
}
