package org.pgrunbook.backup;

import java.util.List;
import org.pgrunbook.ssh.Shell;

/**
 * The {@code archive_command} that leaves WAL in a spool, whole or not at all. The same file once
 * more is fine, another of its name is not, and nothing is ever overwritten (P30); whatever goes
 * wrong it ends with 1, since above 125 the archiver would end without counting it (P31). Segments,
 * histories and {@code .partial} files are all the same to it (P32), and it throws nothing away
 * when the disk is full (P34): the server tries again.
 *
 * @param spool an absolute path on the host
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-ARCHIVING-WAL">Setting
 *     up WAL archiving</a>
 */
public record ArchiveCommand(String spool) {
  /** {@code d} is the spool; synced are the file under its first name, and that it has its own. */
  private static final String REST =
      "if [ -e \"$d/%f\" ]; then cmp -s \"%p\" \"$d/%f\" && sync \"$d/%f\" \"$d\" || exit 1; else"
          + " cp \"%p\" \"$d/.%f\" && sync \"$d/.%f\" && mv \"$d/.%f\" \"$d/%f\" && sync \"$d\" ||"
          + " exit 1; fi";

  /** As the setting takes it; a percent sign in the path is written twice. */
  public String text() {
    return "d=" + Shell.quote(List.of(spool)).replace("%", "%%") + "; " + REST;
  }
}
