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
 * @param laterWal true: all WAL from its start on is kept too, so that any later moment can be
 *     restored; absent: only the WAL without which it is no backup
 * @param since when it was laid
 * @param run the run that laid it
 */
public record Hold(
    int format,
    String backup,
    String reason,
    Optional<Instant> until,
    Optional<Boolean> laterWal,
    Instant since,
    String run) {

  /** The format that this version writes. */
  public static final int FORMAT = 1;

  /** Whether it holds at a moment. */
  public boolean isActive(Instant now) {
    return until.map(end -> end.isAfter(now)).orElse(true);
  }

  /** Whether later moments stay restorable as well. */
  public boolean keepsLaterWal() {
    return laterWal.orElse(false);
  }

  /** For a table. */
  String inWords() {
    return (keepsLaterWal() ? "held with all later WAL" : "held")
        + until.map(end -> " until " + end).orElse("")
        + ": "
        + reason;
  }
}
