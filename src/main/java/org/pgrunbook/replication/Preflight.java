package org.pgrunbook.replication;

import java.util.List;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.replication.Preflight.Check.Outcome;

/**
 * What was looked at before a switchover.
 *
 * @param checks all of them, whatever their outcome
 */
public record Preflight(List<Check> checks) {

  /**
   * One thing that was looked at before a switchover.
   *
   * @param what was looked at
   * @param found what was found
   * @param outcome what follows
   */
  public record Check(String what, String found, Outcome outcome) {

    /** What follows from a check. */
    public enum Outcome {
      /** Nothing. */
      FINE,
      /** Somebody should know; it goes on. */
      WARNING,
      /** It stands in the way. */
      REFUSES
    }

    static Check fine(String what, String found) {
      return new Check(what, found, Outcome.FINE);
    }

    static Check warning(boolean worry, String what, String found) {
      return new Check(what, found, worry ? Outcome.WARNING : Outcome.FINE);
    }

    static Check refuses(boolean obstacle, String what, String found) {
      return new Check(what, found, obstacle ? Outcome.REFUSES : Outcome.FINE);
    }
  }

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
