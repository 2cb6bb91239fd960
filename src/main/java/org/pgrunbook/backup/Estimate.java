package org.pgrunbook.backup;

import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.pgrunbook.DataSize;
import org.pgrunbook.journal.Parallel;

/**
 * How long a restore's download takes at least, by reading a part of it. Unpacking goes on
 * meanwhile; how long the replay of the WAL takes depends on what is in it.
 *
 * @param sample how much was read
 * @param perSecond how much of it in a second
 * @param download how much has to be read in all, the WAL not included
 * @param wal how many segments are replayed
 * @param takes how long the download takes at that rate
 */
public record Estimate(
    DataSize sample, DataSize perSecond, DataSize download, int wal, Duration takes) {
  private static final int SAMPLE = 64 << 20;

  static Estimate of(Repository repository, RestorePlan plan, int processes) {
    List<Manifest.Archive> archives =
        plan.backup().objects().stream()
            .sorted((one, other) -> Long.compare(other.size(), one.size()))
            .limit(processes)
            .toList();
    var time = repository.cluster().run().time();
    AtomicLong read = new AtomicLong();
    long start = time.nanos();
    Parallel.untilFailure(
        archives,
        processes,
        archive -> {
          String key = repository.backupKey(plan.backup().id(), archive.key());
          read.addAndGet(repository.store().get(key, Estimate::sample));
          return null;
        });
    double seconds = Math.max(1, time.since(start).toNanos()) / 1e9;
    double rate = Math.max(1, read.get() / seconds);
    DataSize stored = plan.backup().stored();
    return new Estimate(
        new DataSize(read.get()),
        new DataSize(Math.round(rate)),
        stored,
        plan.wal().size(),
        Duration.ofMillis(Math.round(stored.bytes() / rate * 1000)));
  }

  private static long sample(InputStream content) throws java.io.IOException {
    byte[] buffer = new byte[1 << 16];
    long sum = 0;
    for (int count = content.read(buffer);
        count > 0 && (sum += count) < SAMPLE;
        count = content.read(buffer)) {}
    return sum;
  }
}
