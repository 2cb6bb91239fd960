package org.pgrunbook.replication;

import java.util.List;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;

/**
 * What speaks for and against the death of a primary. A check that fails from one place is no
 * death: SQL, the host and the standbys are all asked.
 *
 * @param node the primary
 * @param verdict what follows from the signals
 * @param conclusion why, as a clause
 * @param signals what each witness says
 */
public record Evidence(Node node, Verdict verdict, String conclusion, List<Signal> signals) {

  /** What a server's witnesses agree on. */
  public enum Verdict {
    /** It answers, or a standby hears it. */
    ALIVE,
    /** It is down, but another node was, or may still be, a primary after it. */
    SUCCEEDED,
    /** It runs and does not answer, but nobody has waited long enough to call it hung. */
    UNCLEAR,
    /** It runs, but neither SQL nor any standby has heard it for long enough. */
    HUNG,
    /** Its host answers and has no process of it. */
    DEAD,
    /** The same, and nobody can read its data directory: its disk is gone, or empty. */
    LOST,
    /** Its host does not answer and no standby hears it. */
    OUT_OF_REACH
  }

  /**
   * Refuses unless the server is dead, or hangs and can be killed.
   *
   * @param fencedOtherwise a host that does not answer is cut off by other means: a person vouches
   *     for it, or the inventory's hook {@code fence} will do it
   * @throws Problem with exit 3 that says what the server really is
   */
  public void requireDown(boolean fencedOtherwise) {
    switch (verdict) {
      case DEAD, HUNG -> {}
      case ALIVE ->
          throw refused(
              "The primary is not dead: find out what ails it, or see replication/switchover.");
      case SUCCEEDED ->
          throw refused("Find the last primary, and correct the roles in the inventory.");
      case UNCLEAR ->
          throw refused(
              "Look again then, or stop the server of "
                  + node
                  + " yourself: an idle primary may say nothing for so long.");
      case LOST -> {
        if (!fencedOtherwise && !Fence.hasService(node)) {
          throw refused(
              "Should its disk come back, it would be started as a primary: see to it that it is"
                  + " not, then say so with -p fencedOtherwise=true. The inventory's hook \"fence\""
                  + " could do it.");
        }
      }
      case OUT_OF_REACH -> {
        if (!fencedOtherwise) {
          throw refused(
              "Cut the host off by its power or its network, then say so with"
                  + " -p fencedOtherwise=true: nothing else keeps two primaries from existing. The"
                  + " inventory's hook \"fence\" could do it.");
        }
      }
    }
  }

  /** Whether its host was reached, so that something can be done there. */
  public boolean isHostReached() {
    return verdict != Verdict.OUT_OF_REACH;
  }

  private Problem refused(String hint) {
    return Problem.refused(conclusion).hint(hint);
  }
}
