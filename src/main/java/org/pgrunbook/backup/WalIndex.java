package org.pgrunbook.backup;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.postgres.WalFile;
import org.pgrunbook.postgres.WalSegment;
import org.pgrunbook.store.Store;

/** What the WAL archive holds, by one listing of it. */
final class WalIndex {
  private final WalArchive archive;
  private final NavigableMap<String, Store.Listed> files = new TreeMap<>();
  private final Map<Integer, TimelineHistory> histories = new HashMap<>();

  WalIndex(WalArchive archive) {
    this.archive = archive;
    archive
        .list("")
        .forEach(
            object ->
                WalFile.of(archive.name(object)).ifPresent(file -> files.put(file.name(), object)));
  }

  /** All its files by name: segments, histories and whatever else a server archives. */
  NavigableMap<String, Store.Listed> files() {
    return files;
  }

  /** All timelines that have a history or a segment, the oldest first. */
  List<Integer> timelines() {
    return files.keySet().stream()
        .map(name -> WalFile.of(name).orElseThrow().timeline())
        .distinct()
        .sorted()
        .toList();
  }

  /** Whether there is WAL that was written on a timeline, more than the word of its beginning. */
  boolean hasSegments(int timeline) {
    return segments(timeline).findAny().isPresent();
  }

  /** The history of a timeline, read once. */
  TimelineHistory history(int timeline) {
    return histories.computeIfAbsent(timeline, archive::history);
  }

  /** Those of the given segments that are missing. */
  List<WalSegment> missing(List<WalSegment> wanted) {
    return wanted.stream().filter(segment -> !files.containsKey(segment.name())).toList();
  }

  /** Where the WAL of a history ends, as far as there are whole segments. */
  Lsn end(TimelineHistory history, DataSize segmentSize) {
    List<Integer> timelines = new ArrayList<>(List.of(history.timeline()));
    history.ancestors().reversed().forEach(ancestor -> timelines.add(ancestor.timeline()));
    // A timeline that began only just now may have no segment of its own yet.
    for (int timeline : timelines) {
      Optional<WalSegment> last = lastSegment(timeline, segmentSize);
      if (last.isPresent()) {
        Lsn end = last.get().end();
        return history.forkOf(timeline).map(fork -> Lsn.earliest(fork, end)).orElse(end);
      }
    }
    return Lsn.NONE;
  }

  private Optional<WalSegment> lastSegment(int timeline, DataSize segmentSize) {
    return segments(timeline).findFirst().flatMap(file -> file.segment(segmentSize));
  }

  /** The newest first. */
  private Stream<WalFile> segments(int timeline) {
    String prefix = "%08X".formatted(timeline);
    return files.subMap(prefix, true, prefix + "~", true).descendingKeySet().stream()
        .map(name -> WalFile.of(name).orElseThrow())
        .filter(file -> file.kind() == WalFile.Kind.SEGMENT);
  }
}
