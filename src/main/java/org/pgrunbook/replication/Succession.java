package org.pgrunbook.replication;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.Topology;

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
  private final Topology now;
  private final Function<Node, Host> hosts;
  private final Place newest;

  /**
   * Asks the standbys for their timelines.
   *
   * @param now how the nodes stand at this moment
   * @param hosts what their hosts say
   */
  Succession(Node node, Topology now, Function<Node, Host> hosts) {
    this.node = node;
    this.now = now;
    this.hosts = hosts;
    this.newest =
        Parallel.all(now.standbys(), AT_ONCE, n -> new Place(n, Replay.of(n).timeline())).stream()
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
    return now.standings().stream()
        .filter(Standing::isUnknown)
        .map(Standing::node)
        .filter(other -> !other.equals(node) && isRival(other))
        .findFirst()
        .map(
            rival ->
                "nothing is known of %s either, and its pg_control says that it was a primary"
                    .formatted(rival));
  }

  /** A fenced primary of before is on an older timeline. */
  private boolean isRival(Node other) {
    return control(other)
        .filter(control -> !OF_A_STANDBY.contains(control.state()))
        .filter(control -> EndOfWal.timeline(control) >= newest.timeline())
        .isPresent();
  }

  /** Of a node whose data directory nobody knows there is nothing to object with. */
  private Optional<ControlFile> control(Node one) {
    return one.spec().data().isEmpty() ? Optional.empty() : hosts.apply(one).control();
  }
}
