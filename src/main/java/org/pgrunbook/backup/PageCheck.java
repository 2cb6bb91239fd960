package org.pgrunbook.backup;

import java.util.Optional;
import org.pgrunbook.postgres.ControlFile;
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
 * @param start where the backup began
 * @param pageSize bytes of a page
 * @param pagesPerFile how many pages are in one file of a relation at most
 * @see <a href="https://www.postgresql.org/docs/current/checksums.html">Data checksums</a>
 */
record PageCheck(Lsn start, int pageSize, int pagesPerFile) {
  /** A page whose checksum is wrong. */
  record Suspect(String file, RelationFile.Block block) {}

  /** The check of a cluster's pages; empty if they have no checksums. */
  static Optional<PageCheck> of(Lsn start, ControlFile.Initial sizes) {
    return sizes.dataChecksums()
        ? Optional.of(new PageCheck(start, (int) sizes.blockSize().bytes(), sizes.blocksPerFile()))
        : Optional.empty();
  }

  /** The pages of a file, which come by one after the other; empty if it is no relation's. */
  Optional<Pages> of(String path, ArchiveCheck.Tally tally) {
    return RelationFile.of(path).map(file -> new Pages(path, file, tally));
  }

  private boolean isRight(DataPage page, long number) {
    return page.isNew() || page.lsn().reaches(start) || page.hasChecksum(number);
  }

  /** Of one file. */
  final class Pages {
    private final String path;
    private final RelationFile file;
    private final ArchiveCheck.Tally tally;
    private final byte[] page = new byte[pageSize];
    private long number;

    private Pages(String path, RelationFile file, ArchiveCheck.Tally tally) {
      this.path = path;
      this.file = file;
      this.tally = tally;
      this.number = file.segment() * pagesPerFile;
    }

    /**
     * Looks at the next pages, and reports to the tally.
     *
     * @param content whole pages, but for the last of a file that was just growing
     */
    void look(byte[] content, int length) {
      for (int at = 0; at + pageSize <= length; at += pageSize) {
        System.arraycopy(content, at, page, 0, pageSize);
        tally.pages++;
        if (!isRight(new DataPage(page), number)) {
          tally.suspects.add(new Suspect(path, file.block(number)));
        }
        number++;
      }
    }
  }
}
