package org.pgrunbook.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.Problem;

/**
 * What {@code backup_label} says of a base backup.
 *
 * @param text the file as pg_backup_stop gave it; P5: it must go into the backup unchanged
 * @param start from where its WAL is needed
 * @param checkpoint the checkpoint it begins with
 * @param timeline the timeline of both
 * @param fromStandby whether it was taken on a standby
 * @param label its name
 * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html">Making a base
 *     backup using the low level API</a>
 */
public record BackupLabel(
    String text, Lsn start, Lsn checkpoint, int timeline, boolean fromStandby, String label) {

  /**
   * Reads the text of the file.
   *
   * @throws Problem with exit 1 if a line is missing
   */
  public static BackupLabel parse(String text) {
    return new BackupLabel(
        text,
        Lsn.parse(line(text, "START WAL LOCATION: (\\S+) \\(file \\S+\\)")),
        Lsn.parse(line(text, "CHECKPOINT LOCATION: (\\S+)")),
        Integer.parseUnsignedInt(line(text, "START TIMELINE: (\\d+)")),
        line(text, "BACKUP FROM: (\\S+)").equals("standby"),
        line(text, "LABEL: (.*)"));
  }

  private static String line(String text, String form) {
    Matcher line = Pattern.compile("^" + form + "$", Pattern.MULTILINE).matcher(text);
    if (!line.find()) {
      throw Problem.failed(
              "backup_label has no line \"" + form.substring(0, form.indexOf(':')) + "\"")
          .hint("Use another backup: without it a restored server would start, but corrupt.");
    }
    return line.group(1);
  }
}
