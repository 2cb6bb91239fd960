package org.pgrunbook.backup;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.WalSegment;

/**
 * A restore that is about to be done, after everything that could forbid it was looked at.
 *
 * @param backup the backup to begin with
 * @param why why this one
 * @param target where recovery stops
 * @param timeline the timeline that recovery follows, as a number: "latest" would follow a stray
 *     history file (P39)
 * @param wal the segments that recovery reads, all of them in the repository
 * @param histories the names of the history files of that timeline and its ancestors
 * @param tablespaces where each tablespace goes, by its OID
 */
public record RestorePlan(
    Manifest backup,
    String why,
    RecoveryTarget target,
    int timeline,
    List<WalSegment> wal,
    List<String> histories,
    Map<String, String> tablespaces) {

  /**
   * What a person should see of it.
   *
   * @param backup its id
   * @param why why that one
   * @param target where recovery stops
   * @param timeline that it follows
   * @param firstWal the first segment that it reads
   * @param lastWal the last one
   * @param segments how many
   * @param download the stored size of the backup; its WAL comes on top
   * @param onDisk the size of its files
   */
  public record Summary(
      String backup,
      String why,
      String target,
      int timeline,
      String firstWal,
      String lastWal,
      int segments,
      DataSize download,
      DataSize onDisk) {}

  /**
   * The WAL of one timeline, as recovery reads it.
   *
   * @param timeline its number
   * @param first the first segment
   * @param last the last one
   * @param segments how many
   */
  public record Stretch(int timeline, String first, String last, int segments) {}

  /**
   * Where a tablespace lay, and where it goes.
   *
   * @param tablespace its name
   * @param was where it lay
   * @param goes where it goes
   */
  public record Placed(String tablespace, String was, String goes) {}

  /** The same plan with every tablespace below a folder, by its OID. */
  RestorePlan withTablespacesBelow(String folder) {
    Map<String, String> below = new LinkedHashMap<>();
    tablespaces.keySet().forEach(oid -> below.put(oid, folder + "/" + oid));
    return new RestorePlan(backup, why, target, timeline, wal, histories, below);
  }

  /** The same plan with the WAL of another one. */
  RestorePlan withWal(RestorePlan other) {
    return new RestorePlan(
        backup, why, target, other.timeline, other.wal, other.histories, tablespaces);
  }

  /** How many bytes each folder of the restore will take; the data directory's with the WAL's. */
  Map<String, Long> needed(String data) {
    Map<String, Long> needed = new LinkedHashMap<>();
    wal.forEach(segment -> needed.merge(data, segment.size().bytes(), Long::sum));
    for (Manifest.Archive archive : backup.objects()) {
      String folder = archive.tablespace().isEmpty() ? data : tablespaces.get(archive.tablespace());
      needed.merge(folder, archive.input(), Long::sum);
    }
    return needed;
  }

  /** The WAL by timelines, in the order in which it is read. */
  public List<Stretch> timelines() {
    return wal.stream()
        .collect(Collectors.groupingBy(WalSegment::timeline, TreeMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(
            it ->
                new Stretch(
                    it.getKey(),
                    it.getValue().getFirst().name(),
                    it.getValue().getLast().name(),
                    it.getValue().size()))
        .toList();
  }

  /** The tablespaces and where they go. */
  public List<Placed> placements() {
    return backup.tablespaces().stream()
        .map(it -> new Placed(it.name(), it.location(), tablespaces.get(it.oid())))
        .toList();
  }

  /** What a person should see of it. */
  public Summary summary() {
    return new Summary(
        backup.id(),
        why,
        target.toString(),
        timeline,
        wal.isEmpty() ? "-" : wal.getFirst().name(),
        wal.isEmpty() ? "-" : wal.getLast().name(),
        wal.size(),
        backup.stored(),
        backup.restored());
  }
}
