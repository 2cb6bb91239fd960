package org.pgrunbook.backup;

import java.time.Instant;
import java.util.Optional;

/**
 * Why a backup must not be deleted, whatever the retention says: {@code holds/BACKUP.json}.
 *
 * @param format the version of this format
 * @param backup the backup's id
 * @param reason why, in the words of whoever holds it
 * @param until when the hold ends by itself; absent: never
 * @param since when it was laid
 * @param run the run that laid it
 */
public record Hold(
    int format, String backup, String reason, Optional<Instant> until, Instant since, String run) {

  /** The format that this version writes. */
  public static final int FORMAT = 1;

  /** Whether it holds at a moment. */
  public boolean isActive(Instant now) {
    return until.map(end -> end.isAfter(now)).orElse(true);
  }

  /** For a table. */
  String inWords() {
    return "held" + until.map(end -> " until " + end).orElse("") + ": " + reason;
  }
}
