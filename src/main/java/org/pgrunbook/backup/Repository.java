package org.pgrunbook.backup;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.Sha256;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.WalSegment;
import org.pgrunbook.store.Store;

/**
 * The backups and the WAL of one cluster. Each database system has a part of its own, named by its
 * system identifier, so that a cluster that was made anew under an old name never mixes with what
 * was there before.
 */
public final class Repository implements AutoCloseable {
  private static final String MANIFEST = "manifest.json";
  private static final String DRAFT = "manifest.draft.json";
  private static final String INSTRUCTIONS = "RESTORE.md";

  private final Cluster cluster;
  private final Store store;
  private String systemIdentifier;

  /** The draft of this run, which a dry run has not written. */
  private Manifest drafted;

  Repository(Cluster cluster) {
    this.cluster = cluster;
    this.store =
        Store.open(
            cluster
                .spec()
                .repository()
                .orElseThrow(
                    () ->
                        Problem.usage("cluster \"" + cluster + "\" has no repository")
                            .hint("Name one with the cluster's key repository.")
                            .at(cluster.spec().place())),
            cluster.run());
  }

  /** Makes sure that the store is there and lets us in. */
  public void probe() {
    store.probe();
  }

  /** The ids of the committed backups. */
  List<String> ids() {
    String prefix = key("backups/");
    return store
        .list(prefix)
        .map(object -> object.key().substring(prefix.length()))
        .filter(key -> key.endsWith("/" + MANIFEST))
        .map(key -> key.substring(0, key.indexOf('/')))
        .toList();
  }

  /** The committed backups without the lists of their files, the oldest first. */
  public List<Manifest> backups() {
    return ids().stream()
        .map(id -> manifest(manifestKey(id)).withoutFiles())
        .sorted(Comparator.comparing(Manifest::stopTime))
        .toList();
  }

  /**
   * The backup of that id.
   *
   * @throws Problem with exit 3 if there is none
   */
  public Manifest backup(String id) {
    requireExists(id);
    return manifest(manifestKey(id));
  }

  void requireExists(String id) {
    if (!exists(id)) {
      throw Problem.refused("there is no backup \"" + id + "\" of \"" + cluster + "\"")
          .hint("The command 'pgrunbook backups " + cluster + "' lists them.")
          .state("nothing was changed");
    }
  }

  /** Whether there is a backup of that id: whether it has a manifest. */
  boolean exists(String id) {
    return store.find(manifestKey(id)).isPresent();
  }

  /** The WAL archive. */
  public WalArchive wal() {
    return new WalArchive(store, key("wal/"));
  }

  /** Where the objects are. */
  Store store() {
    return store;
  }

  Cluster cluster() {
    return cluster;
  }

  /** The whole key of something in this database system's part. */
  String key(String relative) {
    return cluster.fullName() + "/" + systemIdentifier() + "/" + relative;
  }

  /** Writes the instructions, and leaves the manifest where it does not count yet. */
  void draft(Manifest manifest) {
    byte[] text = Instructions.of(manifest).getBytes(StandardCharsets.UTF_8);
    Store.Stored stored = put(manifest.id(), INSTRUCTIONS, text);
    Manifest.Plain object = new Manifest.Plain(INSTRUCTIONS, stored.size(), stored.sha256());
    drafted = manifest.withInstructions(object);
    put(manifest.id(), DRAFT, ManifestFile.write(drafted));
  }

  /** The draft of a backup, or its manifest if there is none any more. */
  Manifest drafted(String id) {
    String draft = backupKey(id, DRAFT);
    return manifest(store.find(draft).isPresent() ? draft : manifestKey(id));
  }

  /**
   * Writes the instructions and, last of all, the manifest: from here on the backup exists.
   *
   * @param damaged the pages of it that {@link RepositoryVerbs#damagedPages} has found
   * @throws Problem with exit 1 if WAL or an object that it needs is not in the repository, or if
   *     the cluster has gone on without what it is of
   */
  @Changes
  public void commit(BackupSummary backup, List<Manifest.Page> damaged) {
    Doubt.repeatable(() -> commitOnce(backup, damaged));
  }

  /** A run that was ended in the midst of it finds what it has left, and goes on from there. */
  private void commitOnce(BackupSummary backup, List<Manifest.Page> damaged) {
    var means = cluster.run().means();
    means.outcome("all WAL that it needs is in the repository", () -> requireWal(backup));
    String draft = backupKey(backup.id(), DRAFT);
    boolean committed = store.find(manifestKey(backup.id())).isPresent();
    if (committed && store.find(draft).isEmpty()) {
      return;
    }
    means.outcome("the cluster goes on from where it ends", () -> Lineage.require(cluster, backup));
    Manifest manifest =
        means.outcome("the draft of its manifest is whole", drafted, () -> manifest(draft));
    means.outcome("all of its objects are in the repository", () -> requireObjects(manifest));
    byte[] json = ManifestFile.write(manifest.withDamaged(damaged));
    if (store.putIfAbsent(manifestKey(backup.id()), json).isEmpty()
        && !Arrays.equals(store.get(manifestKey(backup.id())), json)) {
      throw Problem.failed("there is a backup \"" + backup.id() + "\" already");
    }
    List<String> notes = new ArrayList<>(List.of(draft));
    store.list(backupKey(backup.id(), Attempt.NOTES)).map(Store.Listed::key).forEach(notes::add);
    store.deleteAll(notes);
  }

  private void requireObjects(Manifest manifest) {
    List<Damage> damages = damagedByListing(manifest.id(), manifest.sizes());
    if (!damages.isEmpty()) {
      throw Problem.failed("object " + damages.getFirst())
          .hint("Look for what else deletes in the repository, then take the backup anew.");
    }
  }

  private void requireWal(BackupSummary backup) {
    List<WalSegment> missing = wal().missing(backup.wal());
    if (!missing.isEmpty()) {
      throw Problem.failed(
              "backup \"%s\" lacks WAL segment \"%s\""
                  .formatted(backup.id(), missing.getFirst().name()))
          .hint("Ship it, then take the backup anew.");
    }
  }

  /** What the listing alone tells: objects of a backup that are missing, or of another size. */
  List<Damage> damagedByListing(String id, Map<String, Long> objects) {
    String prefix = backupKey(id, "");
    Map<String, Long> sizes = new HashMap<>();
    store.list(prefix).forEach(it -> sizes.put(it.key().substring(prefix.length()), it.size()));
    List<Damage> damages = new ArrayList<>();
    objects.forEach(
        (key, size) -> {
          Long found = sizes.get(key);
          if (found == null) {
            damages.add(new Damage(prefix + key, "is missing"));
          } else if (!found.equals(size)) {
            damages.add(new Damage(prefix + key, "has " + found + " bytes, not " + size));
          }
        });
    return damages;
  }

  /** Reads a small object of a backup and tells whether it is another than the manifest says. */
  Optional<Damage> damage(String id, Manifest.Plain object) {
    String key = backupKey(id, object.key());
    String found = store.get(key, content -> new Sha256(content).ofAll());
    return found.equals(object.sha256())
        ? Optional.empty()
        : Optional.of(new Damage(key, "is damaged: its SHA-256 is not that of the manifest"));
  }

  /** The key of an object of a backup. */
  String backupKey(String id, String name) {
    return key("backups/" + id + "/" + name);
  }

  private Store.Stored put(String id, String name, byte[] content) {
    return store.put(backupKey(id, name), new ByteArrayInputStream(content));
  }

  /**
   * PostgreSQL's identifier of the database system: what a running node says, else what the
   * repository holds.
   */
  synchronized String systemIdentifier() {
    if (systemIdentifier == null) {
      systemIdentifier =
          cluster.getTopology().standings().stream()
              .map(Standing::systemIdentifier)
              .filter(identifier -> !identifier.isEmpty())
              .findFirst()
              .orElseGet(this::newestStored);
    }
    return systemIdentifier;
  }

  /** No node can be asked: the system whose backup was committed last. */
  private String newestStored() {
    String prefix = cluster.fullName() + "/";
    Optional<Store.Listed> newest =
        store
            .list(prefix)
            .filter(object -> object.key().endsWith("/" + MANIFEST))
            .max(Comparator.comparing(Store.Listed::modified));
    return newest
        .map(object -> object.key().substring(prefix.length()).replaceFirst("/.*", ""))
        .orElseThrow(this::none);
  }

  /** That there is no backup at all. */
  Problem none() {
    return Problem.refused("there is no backup of \"" + cluster + "\"")
        .hint("Take one: pgrunbook run backup/base-backup " + cluster + ".")
        .state("nothing was changed");
  }

  String manifestKey(String id) {
    return backupKey(id, MANIFEST);
  }

  private Manifest manifest(String key) {
    return ManifestFile.read(key, store.get(key));
  }

  @Override
  public void close() {
    store.close();
  }
}
