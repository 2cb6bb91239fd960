package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.WalFile;
import org.pgrunbook.postgres.WalSegment;
import org.pgrunbook.sql.Row;

/**
 * The newest moment of a cluster that can be restored. What was committed after it would be lost
 * with the servers.
 *
 * @param node the primary
 * @param limit how old it may be while there is WAL after it
 * @param newest that moment; null if nothing can be restored
 * @param age how long ago; null if nothing can be restored
 * @param beyond how much WAL the primary has written that is not in the repository
 */
public record RecoveryPoint(
    Node node, Duration limit, Instant newest, Duration age, DataSize beyond) {

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 4;

  /** So much a server writes by itself after a switch of segments, and then no more: no commits. */
  private static final DataSize IDLE = new DataSize(8 << 10);

  static RecoveryPoint of(
      Cluster cluster, Instant newest, String lastWal, Instant now, Duration limit) {
    Node primary = cluster.getPrimary();
    Row place = primary.getSql().row(Question.WAL_PLACE.text());
    Lsn written = Lsn.parse(place.text("lsn"));
    Lsn stored =
        Optional.ofNullable(lastWal)
            .flatMap(WalFile::of)
            .flatMap(file -> file.segment(place.bytes("segment")))
            .map(WalSegment::end)
            .orElse(written);
    return new RecoveryPoint(
        primary,
        limit == null ? Thresholds.of(cluster.spec()).recoveryPoint() : limit,
        newest,
        newest == null ? null : Duration.between(newest, now),
        new DataSize(stored.reaches(written) ? 0 : written.value() - stored.value()));
  }

  /** What was found out. */
  public Finding finding() {
    if (newest == null) {
      return Finding.of(Verdict.CRIT, BackupAge.INCIDENT, node, "no moment at all can be restored");
    }
    if (beyond.compareTo(IDLE) <= 0) {
      return Finding.ok(BackupAge.INCIDENT, node, "all of its WAL is in the repository");
    }
    if (age.compareTo(limit) <= 0) {
      return Finding.ok(
          BackupAge.INCIDENT,
          node,
          "no moment that is older than " + Durations.show(limit) + " would be lost");
    }
    return Finding.of(
        age.compareTo(limit.multipliedBy(CRITICAL)) > 0 ? Verdict.CRIT : Verdict.WARN,
        BackupAge.INCIDENT,
        node,
        "%s of WAL are not in the repository: what was committed in the last %s may be lost"
            .formatted(beyond, Durations.show(age)));
  }
}
