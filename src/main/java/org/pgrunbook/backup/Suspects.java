package org.pgrunbook.backup;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.pgrunbook.postgres.Removal;
import org.pgrunbook.postgres.WalEvent;
import org.pgrunbook.postgres.WalReader;
import org.pgrunbook.postgres.WalSegment;

/**
 * Who may have deleted by mistake: the committed transactions of a stretch of time that took much
 * away, as the WAL in the repository tells.
 *
 * @param since from when on it was looked
 * @param reaches when the last transaction ended that the repository knows; null: it knows none
 * @param transactions those that took much away, by their order in the WAL
 */
public record Suspects(Instant since, Instant reaches, List<Removal> transactions) {

  /**
   * Looks for them along the newest timeline.
   *
   * @param rows from how many rows on, deleted or written anew, a transaction is one of them;
   *     whoever dropped a file is always
   * @throws org.pgrunbook.Problem with exit 3 if there is no backup to begin at
   */
  static Suspects find(Repository repository, Instant since, Instant until, long rows) {
    List<Manifest> backups = repository.backups();
    Manifest backup =
        backups.stream()
            .filter(it -> it.stopTime().isBefore(since))
            .max(Comparator.comparing(Manifest::stopTime))
            .or(() -> backups.stream().min(Comparator.comparing(Manifest::stopTime)))
            .orElseThrow(repository::none);
    WalArchive archive = repository.wal();
    List<WalSegment> wal = WalRoute.of(archive.index(), backup, Optional.empty()).untilGap();
    RecoveryTarget target = new RecoveryTarget(RecoveryTarget.Kind.TIME, since.toString(), true);
    TargetSearch search = new TargetSearch(archive, target, backup.stopLsn(), wal);
    Instant last = search.lastTransaction();
    Instant reaches = last.equals(Instant.MIN) ? null : last;
    OptionalInt first = search.segmentsUntilStop();
    if (first.isEmpty()) {
      return new Suspects(since, reaches, List.of());
    }
    // One segment more: what was committed after a moment was begun before it.
    List<WalSegment> read = wal.subList(Math.max(0, first.getAsInt() - 2), wal.size());
    return new Suspects(since, reaches, read(archive, read, since, until, rows));
  }

  private static List<Removal> read(
      WalArchive archive, List<WalSegment> wal, Instant since, Instant until, long rows) {
    List<Removal> found = new ArrayList<>();
    AtomicReference<Instant> seen = new AtomicReference<>(Instant.MIN);
    WalReader reader =
        WalReader.ofRemovals(
            event -> {
              if (event instanceof WalEvent.TransactionEnd) {
                seen.set(event.time());
              }
            },
            removal -> {
              boolean within = !removal.time().isBefore(since) && !removal.time().isAfter(until);
              boolean much =
                  !removal.files().isEmpty() || removal.deleted() + removal.updated() >= rows;
              if (within && much) {
                found.add(removal);
              }
            });
    for (WalSegment segment : wal) {
      if (!archive.read(segment, reader).goesOn() || seen.get().isAfter(until)) {
        break;
      }
    }
    return List.copyOf(found);
  }

  /** The one that took the most away: deleted rows first, then files, then rows written anew. */
  public Removal worst() {
    return transactions.stream()
        .max(
            Comparator.comparingLong(Removal::deleted)
                .thenComparingInt(removal -> removal.files().size())
                .thenComparingLong(Removal::updated))
        .orElse(null);
  }

  /** The one with that transaction id; null if it is none of them. */
  public Removal named(String xid) {
    return transactions.stream()
        .filter(removal -> String.valueOf(removal.xid()).equals(xid))
        .findFirst()
        .orElse(null);
  }
}
