package org.pgrunbook.backup;

import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.WalEvent;
import org.pgrunbook.postgres.WalReader;
import org.pgrunbook.postgres.WalSegment;

/**
 * Looks into archived WAL for the segment in which a recovery stops at its target. A recovery that
 * never meets its target ends with "recovery ended before configured recovery target was reached"
 * (P41), perhaps after hours; this tells before anything is touched.
 */
final class TargetSearch {
  private final WalArchive archive;
  private final RecoveryTarget target;
  private final Lsn consistent;
  private final List<WalSegment> wal;

  /**
   * A search.
   *
   * @param consistent where the backup ended: recovery must not stop before
   * @param wal the segments from the backup's start on, without a gap
   */
  TargetSearch(WalArchive archive, RecoveryTarget target, Lsn consistent, List<WalSegment> wal) {
    this.archive = archive;
    this.target = target;
    this.consistent = consistent;
    this.wal = wal;
  }

  /** How many of the segments recovery reads until it stops; empty if it stops in none of them. */
  OptionalInt segmentsUntilStop() {
    return switch (target.kind()) {
      case TIME -> untilTime();
      case LSN -> untilLsn();
      case NAME, XID -> untilEvent();
      case IMMEDIATE -> untilConsistent();
      case LATEST -> OptionalInt.of(wal.size());
    };
  }

  /** When the last transaction ended; {@code Instant.MIN} if there is none. */
  Instant lastTransaction() {
    return newest(0, wal.size()).time;
  }

  /**
   * The end of a transaction after the time stops recovery. Later segments have later times, so
   * that only a few have to be read, however long the archive is.
   */
  private OptionalInt untilTime() {
    int before = 0;
    int until = wal.size() + 1;
    while (before + 1 < until) {
      int middle = (before + until) / 2;
      Newest newest = newest(before, middle);
      if (!newest.time.equals(Instant.MIN) && target.isStoppedBy(newest.time)) {
        until = newest.segments;
      } else {
        before = middle;
      }
    }
    return until <= wal.size() ? OptionalInt.of(until) : OptionalInt.empty();
  }

  /** The newest end of a transaction, and how many segments there are up to it. */
  private record Newest(Instant time, int segments) {}

  /** Looks backwards: the segments of an idle server hold no transaction. */
  private Newest newest(int from, int to) {
    AtomicReference<Instant> newest = new AtomicReference<>(Instant.MIN);
    int segments = to;
    while (segments > from && newest.get().equals(Instant.MIN)) {
      WalReader reader =
          new WalReader(
              event -> {
                if (event instanceof WalEvent.TransactionEnd) {
                  newest.accumulateAndGet(event.time(), (a, b) -> a.isAfter(b) ? a : b);
                }
              });
      archive.read(wal.get(segments - 1), reader);
      segments--;
    }
    return new Newest(newest.get(), segments + 1);
  }

  /** The first record that begins at the target, or after it, stops recovery. */
  private OptionalInt untilLsn() {
    return untilBehind(target.lsn());
  }

  private OptionalInt untilBehind(Lsn lsn) {
    for (int i = 0; i < wal.size(); i++) {
      WalSegment segment = wal.get(i);
      boolean near = segment.end().compareTo(lsn) > 0;
      if (near && archive.read(segment, new WalReader(event -> {})).end().compareTo(lsn) > 0) {
        return OptionalInt.of(i + 1);
      }
    }
    return OptionalInt.empty();
  }

  /**
   * Not the record that makes the data consistent stops recovery, but the next one, unless it ends
   * a transaction. After a backup of a standby that one may be in the next segment.
   */
  private OptionalInt untilConsistent() {
    return untilBehind(consistent);
  }

  /** The first of its name stops recovery, even where the data are not consistent yet. */
  private OptionalInt untilEvent() {
    AtomicReference<Lsn> found = new AtomicReference<>();
    WalReader reader =
        new WalReader(
            event -> {
              if (isTarget(event)) {
                found.compareAndSet(null, event.end());
              }
            });
    for (int i = 0; i < wal.size(); i++) {
      archive.read(wal.get(i), reader);
      if (found.get() != null) {
        return found.get().compareTo(consistent) > 0 ? OptionalInt.of(i + 1) : OptionalInt.empty();
      }
    }
    return OptionalInt.empty();
  }

  private boolean isTarget(WalEvent event) {
    return switch (event) {
      case WalEvent.RestorePoint point ->
          target.kind() == RecoveryTarget.Kind.NAME && point.name().equals(target.value());
      case WalEvent.TransactionEnd end ->
          target.kind() == RecoveryTarget.Kind.XID
              && end.xid() == Long.parseUnsignedLong(target.value());
    };
  }
}
