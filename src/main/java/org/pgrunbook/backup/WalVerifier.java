package org.pgrunbook.backup;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.WalEvent;
import org.pgrunbook.postgres.WalReader;
import org.pgrunbook.postgres.WalSegment;

/** Reads the WAL of backups and tells what is damaged or missing in it; changes nothing. */
final class WalVerifier {
  private final Repository repository;
  private final WalArchive archive;
  private final WalIndex index;
  private final List<Damage> damages = new ArrayList<>();
  private final AtomicReference<Instant> lastCommit = new AtomicReference<>();

  WalVerifier(Repository repository) {
    this.repository = repository;
    this.archive = repository.wal();
    this.index = archive.index();
  }

  VerifiedWal along(List<String> ids) {
    histories();
    Set<WalSegment> route = new LinkedHashSet<>();
    Set<WalSegment> missing = new HashSet<>();
    for (String id : ids) {
      Optional<WalRoute> found = route(id);
      if (found.isPresent() && isOnlyHeld(id, found.get())) {
        route.addAll(BackupSummary.of(found.get().backup()).wal());
      } else if (found.isPresent()) {
        route.addAll(found.get().all());
        missing.addAll(found.get().missing());
      }
    }
    missing.stream()
        .sorted()
        .forEach(
            it -> damages.add(new Damage(archive.key(it.name(), Compression.ZSTD), "is missing")));
    List<WalSegment> there = route.stream().filter(it -> !missing.contains(it)).sorted().toList();
    read(there);
    return new VerifiedWal(
        there.isEmpty() ? "-" : there.getFirst().name(),
        there.isEmpty() ? "-" : there.getLast().name(),
        there.size(),
        lastCommit.get(),
        damages);
  }

  /** Each history once: of what is damaged there no route can be told. */
  private void histories() {
    for (int timeline : index.timelines()) {
      String name = "%08X.history".formatted(timeline);
      try {
        index.history(timeline);
      } catch (Problem e) {
        switch (e.exit()) {
          case REFUSED ->
              damages.add(new Damage(archive.key(name, Compression.ZSTD), "is missing"));
          case FAILED ->
              damages.add(new Damage(index.files().get(name).key(), "is damaged: " + e.fact()));
          default -> throw e;
        }
      }
    }
  }

  /** A backup whose manifest is damaged has none, and neither has one of a damaged history. */
  private Optional<WalRoute> route(String id) {
    try {
      return Optional.of(WalRoute.of(index, repository.backup(id), Optional.empty()));
    } catch (Problem e) {
      if (e.exit() != Exit.FAILED && e.exit() != Exit.REFUSED) {
        throw e;
      }
      repository.cluster().run().journal().warn("the WAL of " + id + " is not known: " + e.fact());
      return Optional.empty();
    }
  }

  /** P57: the retention leaves of a held backup what makes it one, and may delete what follows. */
  private boolean isOnlyHeld(String id, WalRoute route) {
    boolean only =
        route.hasGap()
            && index.missing(BackupSummary.of(route.backup()).wal()).isEmpty()
            && new Holds(repository).of(id).filter(hold -> !hold.keepsLaterWal()).isPresent();
    if (only) {
      repository
          .cluster()
          .run()
          .journal()
          .note(id + " is held: only the WAL up to its end is there");
    }
    return only;
  }

  /** In one go as long as one follows the other: a record may go on in the next segment. */
  private void read(List<WalSegment> wal) {
    WalReader reader = null;
    WalSegment before = null;
    for (WalSegment segment : wal) {
      boolean follows = before != null && segment.number() == before.number() + 1;
      if (!follows || reader == null) {
        reader = new WalReader(this::heard);
      }
      before = segment;
      try {
        WalReader.Reading reading = archive.readWhole(segment, reader);
        if (!reading.goesOn()) {
          damaged(segment, "its WAL ends at " + reading.end());
          reader = null;
        }
      } catch (Problem e) {
        if (e.exit() != Exit.FAILED) {
          throw e;
        }
        damaged(segment, e.fact());
        reader = null;
      }
    }
  }

  private void damaged(WalSegment segment, String why) {
    String key = archive.find(segment.name()).orElseThrow().key();
    damages.add(new Damage(key, "is damaged: " + why));
  }

  private void heard(WalEvent event) {
    if (event instanceof WalEvent.TransactionEnd end && end.committed()) {
      lastCommit.accumulateAndGet(
          end.time(), (one, other) -> one == null || other.isAfter(one) ? other : one);
    }
  }
}
