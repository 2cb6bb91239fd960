package org.pgrunbook.backup;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.postgres.WalFile;
import org.pgrunbook.postgres.WalSegment;

/**
 * Which WAL backups need. Of some all WAL from their start on is wanted, along every timeline that
 * goes through them; of others only what lies between their start and their end. Timelines are
 * compared by their histories, never by number (P60).
 */
final class WalNeed {
  private final List<Manifest> onward;
  private final Set<String> held;
  private final Collection<TimelineHistory> histories;

  /**
   * A need.
   *
   * @param onward the backups from which any later moment is to be restorable
   * @param held the backups of which only themselves are
   * @param histories of all timelines of the archive
   */
  WalNeed(List<Manifest> onward, List<Manifest> held, Collection<TimelineHistory> histories) {
    this.onward = onward;
    this.held =
        held.stream()
            .flatMap(backup -> BackupSummary.of(backup).wal().stream())
            .map(WalSegment::name)
            .collect(Collectors.toSet());
    this.histories = histories;
  }

  /** Whether a file of the archive is needed. Histories are for ever. */
  boolean includes(WalFile file) {
    if (file.kind() == WalFile.Kind.HISTORY || onward.isEmpty()) {
      return true;
    }
    WalSegment segment = file.segment(onward.getFirst().segmentSize()).orElseThrow();
    return held.contains(segment.name())
        || onward.stream().anyMatch(backup -> isAfter(backup, segment));
  }

  private boolean isAfter(Manifest backup, WalSegment segment) {
    boolean ends = segment.end().compareTo(backup.startLsn()) > 0;
    return ends
        && (segment.timeline() == backup.timeline()
            || histories.stream()
                .filter(history -> WalRoute.goesThrough(history, backup))
                .anyMatch(history -> isOn(history, segment)));
  }

  private static boolean isOn(TimelineHistory history, WalSegment segment) {
    return segment.timeline() == history.timeline()
        || history
            .forkOf(segment.timeline())
            .filter(fork -> segment.start().compareTo(fork) < 0)
            .isPresent();
  }
}
