package org.pgrunbook.backup;

import java.time.Instant;
import java.util.List;

/**
 * What was found when the WAL was read.
 *
 * @param first the first segment
 * @param last the last one
 * @param segments how many were read
 * @param lastCommit when the last transaction in it was committed; null if there is none
 * @param damages what is wrong or missing
 */
public record VerifiedWal(
    String first, String last, int segments, Instant lastCommit, List<Damage> damages) {

  /**
   * A line of a table.
   *
   * @param first the first segment
   * @param last the last one
   * @param segments how many were read
   * @param lastCommit the newest commit in them
   * @param finding what is wrong, or that nothing is
   */
  public record Summary(
      String first, String last, int segments, Instant lastCommit, String finding) {}

  /** It in a line. */
  public Summary summary() {
    String finding = damages.isEmpty() ? "no gap" : damages.size() + " damaged or missing";
    return new Summary(first, last, segments, lastCommit, finding);
  }
}
