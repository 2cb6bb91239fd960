package org.pgrunbook.replication;

import java.util.List;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;

/**
 * The standbys of a cluster, the best to promote first.
 *
 * @param candidates those that may not be promoted come last, with the reason
 */
public record Ranking(List<Candidate> candidates) {

  /**
   * The one to promote.
   *
   * @throws Problem with exit 3 if none may be
   */
  public Candidate getBest() {
    return candidates.stream()
        .filter(Candidate::isEligible)
        .findFirst()
        .orElseThrow(
            () ->
                Problem.refused("no standby can be promoted: " + reasons())
                    .hint("Remove what excludes one of them, or restore a backup."));
  }

  /**
   * The one of a node.
   *
   * @throws Problem with exit 3 if it may not be promoted
   */
  public Candidate of(Node node) {
    Candidate candidate =
        candidates.stream()
            .filter(one -> one.node().equals(node))
            .findFirst()
            .orElseGet(() -> Candidate.unknown(node, "is no standby of this cluster"));
    if (!candidate.isEligible()) {
      throw Problem.refused(node + " cannot be promoted: " + candidate.excluded())
          .hint("Leave out -p standby to take the best one.");
    }
    return candidate;
  }

  private String reasons() {
    return candidates.isEmpty()
        ? "there is none"
        : candidates.stream()
            .map(candidate -> candidate.node() + ": " + candidate.excluded())
            .collect(Collectors.joining(", "));
  }
}
