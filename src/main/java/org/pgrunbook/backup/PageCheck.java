package org.pgrunbook.backup;

import java.io.IOException;
import java.util.Optional;
import org.pgrunbook.postgres.DataPage;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.RelationFile;

/**
 * Looks at the checksum of every page of a relation's files, by the rules of pg_basebackup: not at
 * pages without content, and not at those that the server wrote after the backup had begun, which
 * the WAL writes once more.
 *
 * <p>A page that was being written while it was copied may be torn and still have its old LSN
 * (P11). A server would be asked for it again; a backup cannot be, so such a page is only under
 * suspicion until the WAL is found to write it anew.
 *
 * @see <a href="https://www.postgresql.org/docs/current/checksums.html">Data checksums</a>
 */
final class PageCheck {
  /** A page whose checksum is wrong. */
  record Suspect(String file, RelationFile.Block block) {}

  private final Lsn start;
  private final int pageSize;
  private final int pagesPerFile;

  /**
   * A check.
   *
   * @param start where the backup began
   */
  PageCheck(Lsn start, int pageSize, int pagesPerFile) {
    this.start = start;
    this.pageSize = pageSize;
    this.pagesPerFile = pagesPerFile;
  }

  /** Reads a file to its end and reports to the tally. */
  void read(String path, TarReader tar, ArchiveCheck.Tally tally) throws IOException {
    Optional<RelationFile> relation = RelationFile.of(path);
    byte[] page = new byte[pageSize];
    long number = relation.map(file -> file.segment() * pagesPerFile).orElse(0L);
    for (int count = tar.read(page); count > 0; count = tar.read(page)) {
      // The last page of a file that was just growing may be there in part.
      if (relation.isPresent() && count == pageSize) {
        tally.pages++;
        if (!isRight(new DataPage(page), number)) {
          tally.suspects.add(new Suspect(path, relation.get().block(number)));
        }
      }
      number++;
    }
  }

  private boolean isRight(DataPage page, long number) {
    return page.isNew() || page.lsn().reaches(start) || page.hasChecksum(number);
  }
}
