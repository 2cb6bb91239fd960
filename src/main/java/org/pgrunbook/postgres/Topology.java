package org.pgrunbook.postgres;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;

/**
 * How the nodes of a cluster really stand, asked once in a run.
 *
 * @param cluster the cluster's name
 * @param standings one a node, in the order of the inventory
 */
public record Topology(String cluster, List<Standing> standings) {

  /**
   * The one node that takes writes.
   *
   * @throws Problem with exit 3 if there is none, if there are two, or if a standby has gone on to
   *     a newer timeline; with exit 5 if no node answers, or the primary may be one that does not
   *     let us in
   */
  public Node primary() {
    List<Standing> writable = writable();
    if (writable.size() > 1) {
      throw Problem.refused(
              "cluster \"%s\" has %d writable primaries: %s"
                  .formatted(cluster, writable.size(), list(writable)))
          .hint(
              "Find out which one the applications write to, and stop the other before anything"
                  + " else.")
          .state("nothing was changed");
    }
    if (writable.isEmpty()) {
      requireAnAnswer();
      throw Problem.refused("cluster \"" + cluster + "\" has no writable primary: " + remarks())
          .hint(
              "If the primary is gone for good: pgrunbook run replication/failover "
                  + cluster
                  + ".")
          .state("nothing was changed");
    }
    Standing primary = writable.getFirst();
    List<Standing> ahead =
        standings.stream().filter(other -> other.timeline() > primary.timeline()).toList();
    if (!ahead.isEmpty()) {
      throw Problem.refused(
              "%s takes writes on timeline %d, but %s went on to a newer one"
                  .formatted(primary.node(), primary.timeline(), list(ahead)))
          .hint(
              "The timelines have diverged: find out which is the right one before anything else.")
          .state("nothing was changed");
    }
    return primary.node();
  }

  /** The nodes that take writes: one, if all is well. */
  public List<Standing> writable() {
    return standings.stream().filter(Standing::isWritable).toList();
  }

  /** That there is no primary takes a node that answers, and none whose answer is withheld. */
  private void requireAnAnswer() {
    List<Standing> unknown = standings.stream().filter(Standing::isUnknown).toList();
    Optional<Standing> lockedOut =
        unknown.stream()
            .filter(standing -> standing.kind() == Standing.Kind.LOCKED_OUT)
            .findFirst();
    if (lockedOut.isPresent()) {
      throw lockedOut.get().obstacle().orElseThrow();
    }
    if (unknown.isEmpty() || !standbys().isEmpty()) {
      return;
    }
    Problem first = unknown.getFirst().obstacle().orElseThrow();
    if (unknown.size() == 1) {
      throw first;
    }
    Problem none =
        Problem.unreachable("no node of cluster \"" + cluster + "\" answers: " + remarks());
    first.hints().forEach(none::hint);
    throw none.because(first);
  }

  /** The nodes in recovery. */
  public List<Node> standbys() {
    return standings.stream()
        .filter(standing -> standing.kind() == Standing.Kind.STANDBY)
        .map(Standing::node)
        .toList();
  }

  /** All nodes, those last that take writes, or may: they are declared so and do not answer. */
  public List<Node> standbysFirst() {
    return standings.stream()
        .sorted(Comparator.comparing(Topology::mayTakeWrites))
        .map(Standing::node)
        .toList();
  }

  private static boolean mayTakeWrites(Standing standing) {
    return standing.isWritable() || (standing.isUnknown() && standing.declared() == Role.PRIMARY);
  }

  /**
   * The node that is, or was, the primary: the one that takes writes; else the declared one if
   * nothing is known of it; else the only one of which nothing is known.
   *
   * @throws Problem with exit 3 if two take writes, or nothing tells which one it was
   */
  public Node formerPrimary() {
    if (standings.stream().anyMatch(Standing::isWritable)) {
      return primary();
    }
    List<Standing> gone = standings.stream().filter(Standing::isUnknown).toList();
    return gone.stream()
        .filter(standing -> standing.declared() == Role.PRIMARY)
        .findFirst()
        .or(() -> gone.size() == 1 ? Optional.of(gone.getFirst()) : Optional.empty())
        .map(Standing::node)
        .orElseThrow(
            () ->
                Problem.refused(
                        "nothing tells which node of \""
                            + cluster
                            + "\" was the primary: "
                            + remarks())
                    .hint("Correct the roles in the inventory."));
  }

  /** How that node stands. */
  public Standing of(Node node) {
    return standings.stream()
        .filter(standing -> standing.node().equals(node))
        .findFirst()
        .orElseThrow();
  }

  private String remarks() {
    return standings.stream()
        .filter(standing -> standing.kind() != Standing.Kind.SPARE)
        .map(
            standing ->
                standing.node()
                    + " "
                    + standing
                        .obstacle()
                        .map(problem -> "is out of reach (" + problem.fact() + ")")
                        .orElse("is a standby"))
        .collect(Collectors.joining(", "));
  }

  private static String list(List<Standing> standings) {
    return standings.stream().map(Standing::toString).collect(Collectors.joining(" and "));
  }
}
