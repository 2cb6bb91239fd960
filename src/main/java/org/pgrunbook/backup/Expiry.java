package org.pgrunbook.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.WalFile;
import org.pgrunbook.store.Store;

/**
 * Deletes what the retention no longer wants, in an order in which a kill at any moment leaves
 * nothing that claims to be good and is not: the manifest of a backup goes before its objects, and
 * WAL goes last of all, the oldest first. Beginning again finishes it.
 */
final class Expiry {
  private final Repository repository;

  Expiry(Repository repository) {
    this.repository = repository;
  }

  ExpiryPlan plan(Retention retention, Duration abandonedAfter) {
    Instant now = repository.cluster().run().time().now();
    Optional<List<Manifest>> manifests = manifests();
    if (manifests.isEmpty()) {
      return new ExpiryPlan(List.of(), unfinished(now.minus(abandonedAfter)), wal(List.of()));
    }
    // P61: of WAL without any backup nobody can tell what it is needed for.
    if (manifests.get().isEmpty()) {
      throw repository.none();
    }
    WalIndex index = repository.wal().index();
    Holds holds = new Holds(repository);
    List<Judgement> judgements =
        retention.judge(
            manifests.get().stream()
                .map(
                    backup ->
                        new Retention.Candidate(
                            backup.id(),
                            backup.stopTime(),
                            backup.stored(),
                            isComplete(backup, index),
                            holds.of(backup.id())))
                .toList(),
            now);
    return new ExpiryPlan(
        judgements,
        unfinished(now.minus(abandonedAfter)),
        wal(unneeded(index, manifests.get(), judgements)));
  }

  /** P59: what is not complete is no reason to delete another. */
  private boolean isComplete(Manifest backup, WalIndex index) {
    return backup.damagedPages().isEmpty()
        && repository.damagedByListing(backup.id(), backup.neededSizes()).isEmpty()
        && index.missing(BackupSummary.of(backup).wal()).isEmpty();
  }

  /** The committed backups; empty if one cannot be read: nobody knows what it needs. */
  private Optional<List<Manifest>> manifests() {
    List<Manifest> manifests = new ArrayList<>();
    for (String id : repository.ids()) {
      try {
        manifests.add(repository.backup(id).withoutFiles());
      } catch (Problem e) {
        if (e.exit() != Exit.FAILED && e.exit() != Exit.REFUSED) {
          throw e;
        }
        repository
            .cluster()
            .run()
            .journal()
            .warn("no backup and no WAL expires as long as one cannot be read: " + e.fact());
        return Optional.empty();
      }
    }
    return Optional.of(manifests);
  }

  /** With the rehearsals of backups whose folder somebody has removed. */
  private List<ExpiryPlan.Unfinished> unfinished(Instant before) {
    return Leftovers.of(repository, "backups/", Rehearsals.FOLDER).stream()
        .filter(it -> it.written().isBefore(before))
        .toList();
  }

  private List<Store.Listed> unneeded(
      WalIndex index, List<Manifest> manifests, List<Judgement> judgements) {
    Set<String> onward =
        judgements.stream()
            .filter(Judgement::laterWal)
            .map(Judgement::backup)
            .collect(Collectors.toSet());
    Set<String> deleted =
        judgements.stream()
            .filter(judgement -> judgement.fate() == Judgement.Fate.DELETE)
            .map(Judgement::backup)
            .collect(Collectors.toSet());
    WalNeed need =
        new WalNeed(
            manifests.stream().filter(it -> onward.contains(it.id())).toList(),
            manifests.stream()
                .filter(it -> !onward.contains(it.id()) && !deleted.contains(it.id()))
                .toList(),
            index.timelines().stream().map(index::history).toList());
    return index.files().entrySet().stream()
        .filter(it -> !need.includes(WalFile.of(it.getKey()).orElseThrow()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private ExpiryPlan.Wal wal(List<Store.Listed> files) {
    return files.isEmpty()
        ? new ExpiryPlan.Wal(0, size(files), "-", "-")
        : new ExpiryPlan.Wal(
            files.size(),
            size(files),
            repository.wal().name(files.getFirst()),
            repository.wal().name(files.getLast()));
  }

  private static DataSize size(List<Store.Listed> objects) {
    return new DataSize(objects.stream().mapToLong(Store.Listed::size).sum());
  }

  /** Deletes a backup, unless somebody has laid a hold on it meanwhile. */
  void delete(String id) {
    new Holds(repository)
        .of(id)
        .ifPresent(
            hold -> {
              throw Problem.refused("backup \"" + id + "\" is " + hold.inWords());
            });
    // From here on it does not exist, whatever is left of it.
    repository.store().delete(repository.manifestKey(id));
    deleteObjects(id);
  }

  /** Deletes what a backup without a manifest has left. */
  void deleteUnfinished(String id) {
    if (repository.exists(id)) {
      throw Problem.refused("backup \"" + id + "\" has been finished meanwhile");
    }
    deleteObjects(id);
  }

  /** What was learned of a backup goes before its objects: by those the rest is found again. */
  private void deleteObjects(String id) {
    List<String> keys = new ArrayList<>(new Rehearsals(repository).keys(id));
    repository.store().list(repository.backupKey(id, "")).map(Store.Listed::key).forEach(keys::add);
    repository.store().deleteAll(keys);
  }

  /** Deletes the WAL that none of the backups needs which are there now. */
  ExpiryPlan.Wal deleteWal(ExpiryPlan plan) {
    Optional<List<Manifest>> manifests = manifests();
    if (manifests.isEmpty() || plan.backups().isEmpty()) {
      return wal(List.of());
    }
    WalIndex index = repository.wal().index();
    List<Store.Listed> files =
        unneeded(index, manifests.get(), judgementsNow(plan, manifests.get()));
    repository.store().deleteAll(files.stream().map(Store.Listed::key).toList());
    return wal(files);
  }

  /**
   * A backup that the plan does not know came after it, and all WAL from its start on is wanted.
   */
  private static List<Judgement> judgementsNow(ExpiryPlan plan, List<Manifest> manifests) {
    Map<String, Judgement> known =
        plan.backups().stream()
            .collect(Collectors.toMap(Judgement::backup, judgement -> judgement));
    return manifests.stream()
        .map(
            it ->
                Optional.ofNullable(known.get(it.id()))
                    .filter(judgement -> judgement.fate() == Judgement.Fate.KEEP)
                    .orElse(
                        new Judgement(
                            it.id(), it.stopTime(), it.stored(), Judgement.Fate.KEEP, "", true)))
        .toList();
  }
}
