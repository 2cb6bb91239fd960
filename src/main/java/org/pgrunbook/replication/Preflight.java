package org.pgrunbook.replication;

import java.util.List;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.replication.Check.Outcome;

/**
 * What was looked at before a switchover.
 *
 * @param checks all of them, whatever their outcome
 */
public record Preflight(List<Check> checks) {

  /**
   * Refuses if any check does.
   *
   * @throws Problem with exit 3 that names all of them
   */
  public void requirePassed() {
    List<Check> obstacles =
        checks.stream().filter(check -> check.outcome() == Outcome.REFUSES).toList();
    if (!obstacles.isEmpty()) {
      throw Problem.refused(
              obstacles.stream()
                  .map(check -> check.what() + ": " + check.found())
                  .collect(Collectors.joining("; ")))
          .hint("Mend that first: a switchover can wait. If the primary is ailing, see failover.");
    }
  }
}
