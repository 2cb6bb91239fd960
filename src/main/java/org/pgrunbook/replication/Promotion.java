package org.pgrunbook.replication;

import java.time.Duration;
import java.util.Map;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.sql.Row;

/**
 * Makes a standby a primary.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html">pg_promote</a>
 */
final class Promotion {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Node node;

  Promotion(Node node) {
    this.node = node;
  }

  /** Promotes and proves it: pg_promote's false is only its impatience (P72). */
  void perform(Duration limit) {
    Replay before = Replay.of(node);
    if (before.paused()) {
      throw Problem.refused("replay on " + node + " is paused, which would hold the promotion up")
          .hint("Resume it: select pg_wal_replay_resume().");
    }
    long start = node.run().time().nanos();
    node.getSql()
        .timeout(limit.plus(GRACE))
        .returning(
            Row.of(Map.of("promoted", true)),
            "select pg_promote(true, ?::integer) as promoted",
            Math.max(1, limit.toSeconds()));
    node.run()
        .means()
        .outcome(
            node + " takes writes on a timeline of its own",
            () -> awaitPrimary(before.timeline(), start, limit));
  }

  private void awaitPrimary(int timeline, long start, Duration limit) {
    Standing after = Standing.of(node);
    while (after.kind() != Standing.Kind.PRIMARY || after.timeline() <= timeline) {
      if (node.run().time().since(start).compareTo(limit) > 0) {
        throw Problem.failed(
                "%s is no primary after %s: it is a %s on timeline %d"
                    .formatted(
                        node,
                        Durations.show(limit),
                        after.kind().name().toLowerCase(java.util.Locale.ROOT),
                        after.timeline()))
            .hint("Look into its log; it may still be replaying.")
            .state(node + " was told to promote, and still may");
      }
      node.run().time().sleep(POLL);
      after = Standing.of(node);
    }
  }
}
