package org.pgrunbook.replication;

import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;

/**
 * How a node's WAL differs from that of the primary that it is to follow.
 *
 * @param node the node
 * @param running whether its server runs
 * @param timeline the timeline that its WAL ends on
 * @param end where it ends
 * @param fork where the primary's history left that timeline; {@link Lsn#NONE} if it never did
 * @param discarded how much of its WAL lies beyond that, and so would be lost
 * @param way how it can come back
 * @param why because of what
 */
public record Divergence(
    Node node,
    boolean running,
    int timeline,
    Lsn end,
    Lsn fork,
    DataSize discarded,
    Way way,
    String why) {

  /** Whether it has anything that the primary has not. */
  public boolean isDiverged() {
    return discarded.bytes() > 0;
  }

  /** What would be lost, {@code 1.2 kB of WAL, 0/3000060 to 0/3000548 of timeline 1}. */
  public String lossInWords() {
    return isDiverged()
        ? "%s of WAL, %s to %s of timeline %d".formatted(discarded, fork, end, timeline)
        : "no WAL";
  }

  /**
   * The way to go: the one that was asked for, else the gentlest.
   *
   * @param wanted null if nobody asked
   * @throws Problem with exit 3 if it leads nowhere
   */
  public Way choose(Way wanted) {
    if (wanted == null || wanted == way) {
      return way;
    }
    if (wanted.compareTo(way) < 0) {
      throw Problem.refused(
              "%s cannot come back by %s: %s"
                  .formatted(node, wanted.name().toLowerCase(java.util.Locale.ROOT), why))
          .hint("Leave out -p way.");
    }
    return wanted;
  }
}
