package org.pgrunbook.backup;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How far a cluster can be restored: what its backups and its WAL come to.
 *
 * @param backups the backups, the oldest first
 * @param unfinished what lies there of backups that were never finished, or are being taken
 * @param windows from when to when, for each timeline; a gap in the WAL ends one window
 * @param gaps the WAL that is missing
 */
public record Recoverability(
    List<Listed> backups, List<Unfinished> unfinished, List<Window> windows, List<Gap> gaps) {
  /** What {@link Listed#state} says of a backup that is all there. */
  public static final String COMPLETE = "complete";

  /**
   * A backup in the list.
   *
   * @param backup its id
   * @param type {@code full}
   * @param node where it was taken
   * @param timeline the timeline it was taken on
   * @param ended when it ended; absent if its manifest cannot be read
   * @param restoredBytes what it comes to when restored
   * @param storedBytes what is stored of it
   * @param state {@code complete}, or what is missing or damaged; only the listing was looked at,
   *     and what the manifest says of pages
   * @param held until when and why it is held
   * @param rehearsal its last rehearsal; absent if it never had one
   */
  public record Listed(
      String backup,
      String type,
      String node,
      int timeline,
      Optional<Instant> ended,
      long restoredBytes,
      long storedBytes,
      String state,
      Optional<String> held,
      Optional<Rehearsal> rehearsal) {}

  /**
   * The objects of a backup that does not exist: it has no manifest.
   *
   * @param backup its id
   * @param objects how many there are
   * @param storedBytes what they come to
   * @param written when the last of them was stored
   */
  public record Unfinished(String backup, int objects, long storedBytes, Instant written) {}

  /**
   * A stretch of time of which every moment can be restored.
   *
   * @param timeline the timeline that is followed
   * @param from when the oldest backup in it ended
   * @param to when the last transaction in its WAL ended
   * @param backup the oldest backup in it
   * @param lastWal the last segment in it
   */
  public record Window(int timeline, Instant from, Instant to, String backup, String lastWal) {}

  /**
   * Files in a row that are missing: segments, or the history of a timeline.
   *
   * @param timeline their timeline
   * @param first the first file
   * @param last the last one
   * @param files how many
   */
  public record Gap(int timeline, String first, String last, int files) {}

  /** Whether no WAL is missing, and every backup is complete. */
  public boolean isWhole() {
    return gaps.isEmpty() && backups.stream().allMatch(it -> it.state().equals(COMPLETE));
  }

  /** The last rehearsal of any of the backups. */
  public Optional<Rehearsal> rehearsed() {
    return backups.stream()
        .flatMap(it -> it.rehearsal().stream())
        .max(Comparator.comparing(Rehearsal::began));
  }

  /** The window that comes closest to now. */
  public Optional<Window> newest() {
    return windows.stream()
        .max(Comparator.comparing(Window::to).thenComparingInt(Window::timeline));
  }
}
