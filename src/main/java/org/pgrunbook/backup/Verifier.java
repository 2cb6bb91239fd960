package org.pgrunbook.backup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.RelationFile;

/** Reads every object of a backup and tells what is wrong with it; changes nothing. */
final class Verifier {
  private final Repository repository;
  private final int processes;

  Verifier(Repository repository, int processes) {
    this.repository = repository;
    this.processes = processes;
  }

  VerifiedBackup backup(String id) {
    Manifest manifest;
    try {
      manifest = repository.backup(id);
    } catch (Problem e) {
      if (e.exit() != Exit.FAILED) {
        throw e;
      }
      Damage damage = new Damage(repository.manifestKey(id), "is damaged: " + e.fact());
      return new VerifiedBackup(id, 1, new DataSize(0), 0, 0, List.of(damage));
    }
    List<Damage> damages = new ArrayList<>(repository.damagedByListing(id, manifest.sizes()));
    Set<String> known = damages.stream().map(Damage::object).collect(Collectors.toSet());
    List<Manifest.Plain> plains =
        manifest.plains().stream().filter(it -> !known.contains(key(id, it.key()))).toList();
    Parallel.untilFailure(plains, processes, plain -> repository.damage(id, plain))
        .forEach(damage -> damage.ifPresent(damages::add));

    ArchiveCheck check = new ArchiveCheck(manifest.compression(), pages(manifest, damages));
    List<Manifest.Archive> archives =
        manifest.objects().stream().filter(it -> !known.contains(key(id, it.key()))).toList();
    Map<Manifest.Archive, ArchiveCheck.Tally> tallies = new java.util.LinkedHashMap<>();
    List<ArchiveCheck.Tally> read =
        Parallel.untilFailure(archives, processes, archive -> read(id, archive, check));
    for (int i = 0; i < archives.size(); i++) {
      tallies.put(archives.get(i), read.get(i));
    }
    damages.addAll(faults(id, tallies));
    damages.addAll(wrongPages(manifest, tallies));
    if (!damages.isEmpty() && !repository.exists(id)) {
      throw Problem.refused("backup \"" + id + "\" was expired while it was read")
          .state("nothing was changed");
    }
    return new VerifiedBackup(
        id,
        1 + manifest.objects().size() + manifest.plains().size(),
        manifest.stored(),
        read.stream().mapToLong(tally -> tally.files).sum(),
        read.stream().mapToLong(tally -> tally.pages).sum(),
        damages);
  }

  private String key(String id, String name) {
    return repository.backupKey(id, name);
  }

  private ArchiveCheck.Tally read(String id, Manifest.Archive archive, ArchiveCheck check) {
    return repository.store().get(key(id, archive.key()), in -> check.read(archive, in));
  }

  /** The sizes of pages and files are in pg_control; if that is damaged only files are compared. */
  private Optional<PageCheck> pages(Manifest manifest, List<Damage> damages) {
    String key = key(manifest.id(), manifest.control().key());
    boolean readable = damages.stream().noneMatch(damage -> damage.object().equals(key));
    if (!manifest.checksums() || !readable) {
      return Optional.empty();
    }
    ControlFile.Initial sizes = ControlFile.read(repository.store().get(key)).initial();
    return PageCheck.of(manifest.startLsn(), sizes);
  }

  private List<Damage> faults(String id, Map<Manifest.Archive, ArchiveCheck.Tally> tallies) {
    List<Damage> damages = new ArrayList<>();
    tallies.forEach(
        (archive, tally) ->
            tally.faults.forEach(
                fault -> damages.add(new Damage(key(id, archive.key()), "is damaged: " + fault))));
    return damages;
  }

  /** What the WAL of the backup writes anew was torn in copying; the rest is damaged (P11). */
  private List<Damage> wrongPages(
      Manifest manifest, Map<Manifest.Archive, ArchiveCheck.Tally> tallies) {
    if (tallies.values().stream().allMatch(tally -> tally.suspects.isEmpty())) {
      return List.of();
    }
    Set<RelationFile.Block> mended = RewrittenPages.of(repository, BackupSummary.of(manifest));
    List<Damage> damages = new ArrayList<>();
    Function<PageCheck.Suspect, String> what =
        suspect ->
            "has a page with a wrong checksum: page %d of \"%s\""
                .formatted(suspect.block().number(), suspect.file());
    tallies.forEach(
        (archive, tally) ->
            tally.suspects.stream()
                .filter(suspect -> !mended.contains(suspect.block()))
                .map(suspect -> new Damage(key(manifest.id(), archive.key()), what.apply(suspect)))
                .forEach(damages::add));
    return damages;
  }
}
