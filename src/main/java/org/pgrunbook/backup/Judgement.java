package org.pgrunbook.backup;

import java.time.Instant;
import org.pgrunbook.DataSize;

/**
 * What becomes of a backup when backups expire.
 *
 * @param backup its id
 * @param ended when it ended
 * @param stored what is stored of it
 * @param fate whether it is kept
 * @param why why
 * @param laterWal whether all WAL from its start on is kept, so that any later moment can be
 *     restored; not of one that is only held, unless its hold says so: there it is the WAL without
 *     which it is none (P57)
 */
public record Judgement(
    String backup, Instant ended, DataSize stored, Fate fate, String why, boolean laterWal) {

  /** What becomes of it. */
  public enum Fate {
    KEEP,
    DELETE
  }
}
