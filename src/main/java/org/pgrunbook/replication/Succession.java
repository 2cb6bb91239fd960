package org.pgrunbook.replication;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;

/**
 * Whether a node that is down was the last primary, and not one of before: an inventory that nobody
 * edited after a failover declares the wrong one, and the right one may still take writes.
 */
final class Succession {
  private static final int AT_ONCE = 10;

  private static final Set<ControlFile.State> OF_A_STANDBY =
      Set.of(ControlFile.State.IN_ARCHIVE_RECOVERY, ControlFile.State.SHUT_DOWN_IN_RECOVERY);

  private record Place(Node node, int timeline) {}

  private final Node node;
  private final Cluster cluster;
  private final Place newest;

  Succession(Node node, Cluster cluster) {
    this.node = node;
    this.cluster = cluster;
    this.newest =
        Parallel.all(cluster.getStandbys(), AT_ONCE, n -> new Place(n, Replay.of(n).timeline()))
            .stream()
            .max(Comparator.comparingInt(Place::timeline))
            .orElse(new Place(node, 0));
  }

  /** Why another node must have been the primary after this one; empty if nothing says so. */
  Optional<String> objection() {
    Optional<ControlFile> control = control(node);
    if (control.isPresent() && EndOfWal.timeline(control.get()) < newest.timeline()) {
      return Optional.of(
          "%s was not the last primary: it ended on timeline %d, and %s is on timeline %d"
              .formatted(node, EndOfWal.timeline(control.get()), newest.node(), newest.timeline()));
    }
    List<Node> others =
        cluster.getTopology().standings().stream()
            .filter(Standing::isUnknown)
            .map(Standing::node)
            .filter(other -> !other.equals(node))
            .toList();
    List<Boolean> rivals = Parallel.all(others, AT_ONCE, this::isRival);
    return rivals.contains(true)
        ? Optional.of(
            "nothing is known of %s either, and its pg_control says that it was a primary"
                .formatted(others.get(rivals.indexOf(true))))
        : Optional.empty();
  }

  /** A fenced primary of before is on an older timeline. */
  private boolean isRival(Node other) {
    return control(other)
        .filter(control -> !OF_A_STANDBY.contains(control.state()))
        .filter(control -> EndOfWal.timeline(control) >= newest.timeline())
        .isPresent();
  }

  private static Optional<ControlFile> control(Node node) {
    if (node.spec().data().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(node.getPostmaster().controlFile());
    } catch (Problem e) {
      if (e.exit() == Exit.UNREACHABLE || e.exit() == Exit.FAILED) {
        return Optional.empty(); // no host, or no data directory: nothing to object with
      }
      throw e;
    }
  }
}
