package org.pgrunbook.backup;

import java.util.List;
import org.pgrunbook.DataSize;

/**
 * What was found when all objects of a backup were read.
 *
 * @param backup its id
 * @param objects how many objects were read
 * @param stored what they come to
 * @param files how many files, directories and links are in the archives
 * @param pages how many pages were looked at; 0 if the cluster has no checksums
 * @param damages what is wrong
 */
public record VerifiedBackup(
    String backup, int objects, DataSize stored, long files, long pages, List<Damage> damages) {

  /**
   * A line of a table.
   *
   * @param backup its id
   * @param objects how many were read
   * @param stored their size
   * @param files how many were found in them
   * @param pages how many checksums were computed
   * @param finding what is wrong, or that nothing is
   */
  public record Summary(
      String backup, int objects, DataSize stored, long files, long pages, String finding) {}

  /** It in a line. */
  public Summary summary() {
    String finding = damages.isEmpty() ? "sound" : damages.size() + " damaged";
    return new Summary(backup, objects, stored, files, pages, finding);
  }
}
