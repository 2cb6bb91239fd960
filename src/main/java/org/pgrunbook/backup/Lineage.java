package org.pgrunbook.backup;

import java.util.List;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.TimelineHistory;

/**
 * Whether a cluster goes on from where a backup ends. A failover that happened meanwhile may have
 * begun its timeline before that: the backup is then of what the cluster has given up (P85). Of
 * nodes that do not answer nothing is known, and a backup is no worse for that.
 */
final class Lineage {
  private static final int NODES_AT_ONCE = 20;

  private Lineage() {}

  /**
   * Asks all nodes.
   *
   * @throws Problem with exit 1 if one has left the backup's timeline before its end
   */
  static void require(Cluster cluster, BackupSummary backup) {
    List<Standing> standings =
        Parallel.all(cluster.getNodes(), NODES_AT_ONCE, Standing::of).stream()
            .filter(standing -> standing.timeline() > backup.timeline())
            .toList();
    for (Standing standing : standings) {
      TimelineHistory history = TimelineHistory.of(standing.node(), standing.timeline());
      if (!history.contains(backup.timeline(), backup.stopLsn())) {
        throw Problem.failed(
                "%s is on timeline %d, which does not go through the end of the backup, %s on timeline %d"
                    .formatted(
                        standing.node(), standing.timeline(), backup.stopLsn(), backup.timeline()))
            .hint(
                "Take a new backup of the node that takes writes now: pgrunbook status %s tells which."
                    .formatted(cluster));
      }
    }
  }
}
