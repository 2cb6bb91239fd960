package org.pgrunbook.backup;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.DataSize;

/**
 * What expires, before anything is deleted.
 *
 * @param backups what becomes of each backup, the oldest first
 * @param unfinished what backups have left that were never finished, and that nobody works on
 * @param wal the WAL that no backup needs
 */
public record ExpiryPlan(List<Judgement> backups, List<Unfinished> unfinished, Wal wal) {

  /**
   * The objects of a backup that has no manifest.
   *
   * @param written when the last of them was stored
   * @param backup its folder
   * @param objects how many
   * @param stored their size
   */
  public record Unfinished(String backup, int objects, DataSize stored, Instant written) {}

  /**
   * Files of the WAL archive; the first and the last are {@code -} if there is none.
   *
   * @param files how many
   * @param stored their size
   * @param first the first file
   * @param last the last one
   */
  public record Wal(int files, DataSize stored, String first, String last) {}

  /** The ids of the backups that are deleted. */
  public List<String> expired() {
    return backups.stream()
        .filter(judgement -> judgement.fate() == Judgement.Fate.DELETE)
        .map(Judgement::backup)
        .toList();
  }

  /** Whether there is nothing to delete. */
  public boolean isEmpty() {
    return expired().isEmpty() && unfinished.isEmpty() && wal.files() == 0;
  }

  /** What is deleted, for a question. */
  @Override
  public String toString() {
    long bytes =
        backups.stream()
            .filter(judgement -> judgement.fate() == Judgement.Fate.DELETE)
            .mapToLong(judgement -> judgement.stored().bytes())
            .sum();
    List<String> parts = new ArrayList<>();
    if (!expired().isEmpty()) {
      parts.add(
          "%d of %d backups (%s)".formatted(expired().size(), backups.size(), new DataSize(bytes)));
    }
    if (!unfinished.isEmpty()) {
      parts.add("what is left of %s".formatted(count(unfinished.size(), "unfinished backup")));
    }
    if (wal.files() > 0) {
      parts.add("%s (%s)".formatted(count(wal.files(), "WAL file"), wal.stored()));
    }
    return String.join(" and ", parts);
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
