package org.pgrunbook.diagnosis;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.ClusterSpec;

/**
 * From when on a figure is worth a warning, or an act: the cluster's {@code thresholds} in the
 * inventory, else these.
 *
 * @param connections percent of the available connections that are a warning; 80
 * @param connectionsCritical percent that are an emergency; 95
 * @param idleInTransaction how long a session may sit idle in a transaction; 5 minutes
 * @param idle how long a session may sit idle when connections run out; 1 hour
 * @param lockWait how long a session may wait for a lock; 1 minute
 * @param query how long a statement may run; 5 minutes
 * @param slotRetained how much WAL a slot that nobody uses may keep; 1 GB
 * @param archiveWaiting how long the archive may be behind while WAL waits for it; 5 minutes
 * @param prepared how long a prepared transaction may wait for its decision; 5 minutes
 * @param sequence percent of the numbers of a sequence or its column that may be used; 85
 * @param lag how much WAL a standby may still have to replay; 64 MB
 * @param walSize how much old WAL pg_wal may hold; null is twice the server's max_wal_size
 * @param xidAge how many transactions, or multixacts, old the oldest row that is not frozen may be;
 *     300 million
 * @param deadRows from how many dead rows on it is worth looking whether autovacuum keeps up with a
 *     table; 1 million
 * @param bloat from which size on a table or an index is looked at for free room, and for whether
 *     it is used; 100 MB
 * @param tempSize how much the temporary files of one session may take; 10 GB
 * @param disk percent of a file system that may be taken; 85
 * @param diskCritical percent that are an emergency; 95
 * @param backupAge how old the newest backup may be; 26 hours
 * @param recoveryPoint how old the newest moment may be that can be restored, while there is WAL
 *     after it; 1 hour
 * @param checkpoints how often checkpoints may come because of WAL; every 30 seconds
 * @param certificate how long a server's certificate has to be valid; 30 days
 * @param failedLogins how many logins may fail in an hour; 20
 * @param clockSkew how far the clock of a node may be from this machine's; 2 seconds
 */
public record Thresholds(
    int connections,
    int connectionsCritical,
    Duration idleInTransaction,
    Duration idle,
    Duration lockWait,
    Duration query,
    DataSize slotRetained,
    Duration archiveWaiting,
    Duration prepared,
    int sequence,
    DataSize lag,
    DataSize walSize,
    long xidAge,
    long deadRows,
    DataSize bloat,
    DataSize tempSize,
    int disk,
    int diskCritical,
    Duration backupAge,
    Duration recoveryPoint,
    Duration checkpoints,
    Duration certificate,
    long failedLogins,
    Duration clockSkew) {
  private static final List<String> NAMES =
      Arrays.stream(Thresholds.class.getRecordComponents()).map(RecordComponent::getName).toList();

  /**
   * Reads them.
   *
   * @throws Problem with exit 2 if one has no such value, or a name is nearly one of ours
   */
  static Thresholds of(ClusterSpec cluster) {
    for (String name : cluster.thresholds().keySet()) {
      // Any other name may be a runbook's own.
      if (!NAMES.contains(name) && Nearest.to(name, NAMES).isPresent()) {
        throw Problem.usage("threshold \"" + name + "\" is unknown")
            .hint(Nearest.hint(name, NAMES))
            .at(cluster.place());
      }
    }
    Reader reader = new Reader(cluster);
    return new Thresholds(
        reader.value("connections", Thresholds::percent, 80),
        reader.value("connectionsCritical", Thresholds::percent, 95),
        reader.value("idleInTransaction", Durations::parse, Duration.ofMinutes(5)),
        reader.value("idle", Durations::parse, Duration.ofHours(1)),
        reader.value("lockWait", Durations::parse, Duration.ofMinutes(1)),
        reader.value("query", Durations::parse, Duration.ofMinutes(5)),
        reader.value("slotRetained", DataSize::parse, new DataSize(1L << 30)),
        reader.value("archiveWaiting", Durations::parse, Duration.ofMinutes(5)),
        reader.value("prepared", Durations::parse, Duration.ofMinutes(5)),
        reader.value("sequence", Thresholds::percent, 85),
        reader.value("lag", DataSize::parse, new DataSize(64L << 20)),
        reader.value("walSize", DataSize::parse, null),
        reader.value("xidAge", Thresholds::count, 300_000_000L),
        reader.value("deadRows", Thresholds::count, 1_000_000L),
        reader.value("bloat", DataSize::parse, new DataSize(100L << 20)),
        reader.value("tempSize", DataSize::parse, new DataSize(10L << 30)),
        reader.value("disk", Thresholds::percent, 85),
        reader.value("diskCritical", Thresholds::percent, 95),
        reader.value("backupAge", Durations::parse, Duration.ofHours(26)),
        reader.value("recoveryPoint", Durations::parse, Duration.ofHours(1)),
        reader.value("checkpoints", Durations::parse, Duration.ofSeconds(30)),
        reader.value("certificate", Durations::parse, Duration.ofDays(30)),
        reader.value("failedLogins", Thresholds::count, 20L),
        reader.value("clockSkew", Durations::parse, Duration.ofSeconds(2)));
  }

  private record Reader(ClusterSpec cluster) {
    <T> T value(String name, Function<String, T> parse, T otherwise) {
      Map<String, String> given = cluster.thresholds();
      if (!given.containsKey(name)) {
        return otherwise;
      }
      try {
        return parse.apply(given.get(name));
      } catch (IllegalArgumentException e) {
        throw Problem.usage("threshold \"" + name + "\" is wrong: " + e.getMessage())
            .at(cluster.place())
            .because(e);
      }
    }
  }

  private static long count(String text) {
    try {
      long count = Long.parseLong(text.replace("_", ""));
      if (count > 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below, in our words.
    }
    throw new IllegalArgumentException("\"" + text + "\" is no number such as 300000000");
  }

  private static int percent(String text) {
    try {
      int percent = Integer.parseInt(text.replaceFirst("\\s*%$", ""));
      if (percent > 0 && percent <= 100) {
        return percent;
      }
    } catch (NumberFormatException e) {
      // Said below, in our words.
    }
    throw new IllegalArgumentException("\"" + text + "\" is no percentage such as 80");
  }
}
