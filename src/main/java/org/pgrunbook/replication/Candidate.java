package org.pgrunbook.replication;

import java.util.Comparator;
import java.util.Optional;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;

/**
 * A standby that could be promoted, or why it cannot.
 *
 * @param node the standby
 * @param timeline of its WAL; 0 if unknown
 * @param received up to where it has WAL on its disk
 * @param replayed up to where that is applied
 * @param priority decides between standbys that are equally far
 * @param loss how much WAL of the old primary it has not; empty if the end of that is not known
 * @param confirmed whether it has every commit of which a client was told: the old primary's {@code
 *     synchronous_standby_names} promise it
 * @param excluded why it must not be promoted; empty if it may
 */
public record Candidate(
    Node node,
    int timeline,
    Lsn received,
    Lsn replayed,
    int priority,
    Optional<DataSize> loss,
    boolean confirmed,
    String excluded) {

  /** The best first: eligible, then the most advanced, then by priority. */
  static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparing((Candidate candidate) -> !candidate.isEligible())
          .thenComparing(Candidate::end, Comparator.reverseOrder())
          .thenComparing(Candidate::priority, Comparator.reverseOrder());

  static Candidate of(Node node, Replay replay, String excluded) {
    return new Candidate(
        node,
        replay.timeline(),
        replay.received(),
        replay.replayed(),
        node.spec().priority(),
        Optional.empty(),
        false,
        excluded);
  }

  static Candidate unknown(Node node, String excluded) {
    return new Candidate(
        node, 0, Lsn.NONE, Lsn.NONE, node.spec().priority(), Optional.empty(), false, excluded);
  }

  Candidate losingUpTo(Optional<Lsn> endOfWal) {
    Optional<DataSize> missing =
        endOfWal.filter(end -> timeline > 0).map(end -> Lsn.latest(end, end()).minus(end()));
    return new Candidate(
        node, timeline, received, replayed, priority, missing, confirmed, excluded);
  }

  Candidate havingAllUpTo(Optional<Lsn> confirmed) {
    boolean all = confirmed.filter(end()::reaches).isPresent();
    return new Candidate(node, timeline, received, replayed, priority, loss, all, excluded);
  }

  Candidate excluded(String reason) {
    return new Candidate(node, timeline, received, replayed, priority, loss, confirmed, reason);
  }

  /** Whether it may be promoted. */
  public boolean isEligible() {
    return excluded.isEmpty();
  }

  /** Up to where it has WAL. */
  public Lsn end() {
    return Lsn.latest(received, replayed);
  }

  /** What a promotion would lose, in words. */
  public String lossInWords() {
    String wal =
        loss.map(size -> size.bytes() == 0 ? "no WAL" : size + " of WAL")
            .orElse("an unknown amount of WAL");
    return confirmed ? wal + ", of which no client was told that it is committed" : wal;
  }

  /**
   * Refuses a promotion that loses too much. What no client was told to be committed is no loss.
   *
   * @param maxLoss how much WAL may be lost
   * @param unknownLoss whether an unknown loss is accepted
   * @throws Problem with exit 3
   */
  public void requireLossWithin(DataSize maxLoss, boolean unknownLoss) {
    if (confirmed) {
      return;
    }
    if (loss.isEmpty() && !unknownLoss) {
      throw Problem.refused(
              "how much a promotion of %s would lose is not known: the last WAL of the old primary"
                      .formatted(node)
                  + " cannot be read")
          .hint("Accept whatever it is with -p acceptUnknownLoss=true.");
    }
    if (loss.isPresent() && loss.get().compareTo(maxLoss) > 0) {
      throw Problem.refused(
              "promoting %s would lose %s, more than %s".formatted(node, lossInWords(), maxLoss))
          .hint("Start the old primary again if you can: then nothing is lost.")
          .hint("Accept the loss with -p maxLoss=" + atLeast(loss.get()) + ".");
    }
  }

  /** A size as the command line takes it, rounded up. */
  private static String atLeast(DataSize size) {
    return Math.ceilDiv(size.bytes(), 1024) + "kB";
  }
}
