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
 * What a healthy primary does in a switchover: it is made ready to be a standby, stops, and comes
 * back as one; or, as long as nobody was promoted, as the primary that it was (P70, P71).
 */
final class Handover {
  private static final Duration POLL = Duration.ofMillis(50);

  private final Node primary;
  private final Node candidate;

  Handover(Node primary, Node candidate) {
    this.primary = primary;
    this.candidate = candidate;
  }

  /** The slots on the candidate that were not there yet. */
  List<String> reserve(List<Node> others) {
    String own = Slots.of(candidate);
    List<String> names = new ArrayList<>();
    if (!own.isEmpty()) {
      names.add(Slots.named(primary));
    }
    others.stream().map(Slots::of).filter(name -> !name.isEmpty()).forEach(names::add);
    return names.stream().filter(name -> Slots.keep(candidate, name)).toList();
  }

  /**
   * Writes down whom it is to follow, while it still can be asked to by SQL, and that it is a
   * standby from its next start on: whoever restarts it in between starts no second primary (P68).
   */
  void prepare() {
    Conninfo conninfo =
        Conninfo.parse(
            candidate.getSql().value(String.class, "select current_setting('primary_conninfo')"));
    conninfo.password().ifPresent(primary.run().secrets()::register);
    set(
        "primary_conninfo",
        conninfo.to(candidate.spec().host(), candidate.spec().sql().port()).toString());
    set("primary_slot_name", Slots.of(candidate).isEmpty() ? "" : Slots.named(primary));
    new Fence(primary).mark();
  }

  private void set(String name, String value) {
    primary
        .getSql()
        .execute("alter system set %s = '%s'".formatted(name, value.replace("'", "''")));
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
