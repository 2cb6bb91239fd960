package org.pgrunbook.backup;

import java.time.Instant;
import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.WalSegment;

/**
 * A backup in a line, without the list of its files.
 *
 * @param id its id
 * @param node where it was taken
 * @param startLsn where recovery has to start
 * @param stopLsn where the data is consistent
 * @param stopTime when it ended: targets before it cannot be reached
 * @param timeline the timeline it was taken on
 * @param files how many files there are in it
 * @param restored what they come to when restored
 * @param stored what is stored
 * @param segmentSize size of a WAL segment
 */
public record BackupSummary(
    String id,
    String node,
    Lsn startLsn,
    Lsn stopLsn,
    Instant stopTime,
    int timeline,
    int files,
    DataSize restored,
    DataSize stored,
    DataSize segmentSize) {

  static BackupSummary of(Manifest manifest) {
    return new BackupSummary(
        manifest.id(),
        manifest.host(),
        manifest.startLsn(),
        manifest.stopLsn(),
        manifest.stopTime(),
        manifest.timeline(),
        manifest.objects().stream().mapToInt(archive -> archive.files().size()).sum(),
        manifest.restored(),
        manifest.stored(),
        manifest.segmentSize());
  }

  /** The WAL without which it cannot be restored. */
  List<WalSegment> wal() {
    return WalSegment.range(startLsn, stopLsn, timeline, segmentSize);
  }
}
