package org.pgrunbook.backup;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.postgres.WalSegment;

/**
 * The WAL from a backup's start to the end of the archive, along one timeline.
 *
 * @param backup where it begins
 * @param history the timeline that it follows
 * @param all its segments, whether they are there or not
 * @param missing those of them that are not
 */
record WalRoute(
    Manifest backup, TimelineHistory history, List<WalSegment> all, List<WalSegment> missing) {

  /**
   * The route of a backup.
   *
   * @param wanted the timeline; absent: of those that go through the backup, and have WAL of their
   *     own, the one that began last
   * @throws Problem with exit 3 if the timeline does not go through the backup (P38), or if a
   *     history is missing
   */
  static WalRoute of(WalIndex index, Manifest backup, Optional<Integer> wanted) {
    TimelineHistory history = wanted.map(index::history).orElseGet(() -> newest(index, backup));
    if (!goesThrough(history, backup)) {
      throw Problem.refused(
              "timeline %d does not go through backup \"%s\" (timeline %d, %s)"
                  .formatted(history.timeline(), backup.id(), backup.timeline(), backup.stopLsn()))
          .hint("Leave the parameter timeline out, or name an earlier backup.")
          .state("nothing was changed");
    }
    Lsn end = Lsn.latest(index.end(history, backup.segmentSize()), backup.stopLsn());
    List<WalSegment> all =
        history.segments(backup.timeline(), backup.startLsn(), end, backup.segmentSize());
    return new WalRoute(backup, history, all, index.missing(all));
  }

  private static TimelineHistory newest(WalIndex index, Manifest backup) {
    return index.timelines().stream()
        .sorted(Comparator.reverseOrder())
        // A history alone may be a copy's that was promoted for a test (P39).
        .filter(index::hasSegments)
        .map(index::history)
        .filter(history -> goesThrough(history, backup))
        .findFirst()
        .orElseGet(() -> index.history(backup.timeline()));
  }

  static boolean goesThrough(TimelineHistory history, Manifest backup) {
    return history.contains(backup.timeline(), backup.stopLsn());
  }

  /** The segments up to the first that is missing: a recovery comes no further. */
  List<WalSegment> untilGap() {
    return missing.isEmpty() ? all : all.subList(0, all.indexOf(missing.getFirst()));
  }

  /** The newest moment that it leads to: when its last transaction ended, or else the backup. */
  Instant newestMoment(WalArchive archive) {
    Instant end =
        new TargetSearch(archive, RecoveryTarget.LATEST, backup.stopLsn(), untilGap())
            .lastTransaction();
    return end.isAfter(backup.stopTime()) ? end : backup.stopTime();
  }

  boolean hasGap() {
    return !missing.isEmpty();
  }

  /** Whether what is there before the gap is enough to make the backup consistent. */
  boolean isConsistent() {
    List<WalSegment> there = untilGap();
    return !there.isEmpty() && there.getLast().end().reaches(backup.stopLsn());
  }
}
