package org.pgrunbook.replication;

import java.time.Duration;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;

/**
 * Makes a standby a primary.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html">pg_promote</a>
 */
final class Promotion {
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration AGAIN = Duration.ofMillis(100);

  /** How long who interrupts a promotion waits for what comes of it. */
  private static final Duration SETTLING = Duration.ofSeconds(10);

  private final Node node;

  Promotion(Node node) {
    this.node = node;
  }

  /**
   * Promotes and proves it (P72); one that takes writes already is what was wanted. The request is
   * repeated: it wakes a standby that sleeps for wal_retrieve_retry_interval, 5 s by default,
   * before it looks around for WAL again.
   */
  void perform(Duration limit) {
    if (Standing.of(node).kind() == Standing.Kind.PRIMARY) {
      node.run().journal().note(node + " takes writes already");
      return;
    }
    Replay before = Replay.of(node);
    if (before.paused()) {
      throw Problem.refused("replay on " + node + " is paused, which would hold the promotion up")
          .hint("Resume it: select pg_wal_replay_resume().");
    }
    long start = node.run().time().nanos();
    try {
      request();
      node.run()
          .means()
          .outcome(
              node + " takes writes on a timeline of its own",
              () -> awaitPrimary(before.timeline(), start, limit));
    } catch (Problem e) {
      throw e.exit() == Exit.INTERRUPTED ? told(e, before.timeline()) : e;
    }
  }

  /**
   * The server goes on with what it was told, whoever is interrupted: what state that leaves can be
   * said only when it is over.
   */
  private Problem told(Problem interruption, int timeline) {
    boolean interrupted = Thread.interrupted();
    try {
      long start = node.run().time().nanos();
      Standing now = Standing.of(node);
      while (!isPromoted(now, timeline) && node.run().time().since(start).compareTo(SETTLING) < 0) {
        node.run().time().sleep(POLL);
        now = Standing.of(node);
      }
      return interruption.state(
          isPromoted(now, timeline)
              ? node + " was promoted all the same"
              : node + " was told to promote, and still may");
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean isPromoted(Standing now, int timeline) {
    return now.kind() == Standing.Kind.PRIMARY && now.timeline() > timeline;
  }

  private void awaitPrimary(int timeline, long start, Duration limit) {
    long requested = node.run().time().nanos();
    Standing now = Standing.of(node);
    while (!isPromoted(now, timeline)) {
      if (node.run().time().since(start).compareTo(limit) > 0) {
        throw late(limit, now);
      }
      node.run().time().sleep(POLL);
      if (node.run().time().since(requested).compareTo(AGAIN) > 0) {
        request();
        requested = node.run().time().nanos();
      }
      now = Standing.of(node);
    }
  }

  /** Does nothing to a server that has left recovery meanwhile, and would call it an error. */
  private void request() {
    node.getSql()
        .execute("select case when pg_is_in_recovery() then pg_promote(false) end as requested");
  }

  private Problem late(Duration limit, Standing now) {
    return Problem.failed(
            "%s is no primary after %s: it is a %s on timeline %d"
                .formatted(
                    node,
                    Durations.show(limit),
                    now.kind().name().toLowerCase(java.util.Locale.ROOT),
                    now.timeline()))
        .hint("Look into its log; it may still be replaying.")
        .state(node + " was told to promote, and still may");
  }
}
