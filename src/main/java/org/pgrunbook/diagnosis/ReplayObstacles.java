package org.pgrunbook.diagnosis;

import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * What keeps a standby from replaying what it has received.
 *
 * @param node the standby
 * @param paused whether somebody paused it
 * @param delayedOnPurpose {@code recovery_min_apply_delay}
 * @param patienceWithQueries {@code max_standby_streaming_delay}
 * @param conflicts how many queries it has cancelled because they were in the way
 * @param longQueries how many have been running for longer than 30 s: they may be in the way
 */
public record ReplayObstacles(
    Node node,
    boolean paused,
    String delayedOnPurpose,
    String patienceWithQueries,
    long conflicts,
    long longQueries) {

  static ReplayObstacles of(Server server) {
    Row row = server.row(Question.REPLAY);
    return new ReplayObstacles(
        server.node(),
        row.bool("paused"),
        row.text("delayed"),
        row.text("patience"),
        row.number("conflicts"),
        row.number("long_queries"));
  }
}
