package org.pgrunbook.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.JsonReader;
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
    String key = manifestKey(id);
    if (store.find(key).isEmpty()) {
      throw Problem.refused("there is no backup \"" + id + "\" of \"" + cluster + "\"")
          .hint("The command 'pgrunbook backups " + cluster + "' lists them.")
          .state("nothing was changed");
    }
    return manifest(key);
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

  /** Leaves a manifest where it does not count yet. */
  void draft(Manifest manifest) {
    drafted = manifest;
    put(manifest.id(), DRAFT, Json.pretty(manifest));
  }

  /**
   * Writes the instructions and, last of all, the manifest: from here on the backup exists.
   *
   * @throws Problem with exit 1 if WAL that it needs is not in the repository
   */
  @Changes
  public void commit(BackupSummary backup) {
    var means = cluster.run().means();
    means.outcome("all WAL that it needs is in the repository", () -> requireWal(backup));
    String draft = key("backups/" + backup.id() + "/" + DRAFT);
    Manifest manifest =
        means.outcome("the draft of its manifest is whole", drafted, () -> manifest(draft));
    put(backup.id(), "RESTORE.md", Instructions.of(manifest));
    byte[] json = Json.pretty(manifest).getBytes(StandardCharsets.UTF_8);
    if (store.putIfAbsent(manifestKey(backup.id()), json).isEmpty()) {
      throw Problem.failed("there is a backup \"" + backup.id() + "\" already");
    }
    store.delete(draft);
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

  private void put(String id, String name, String text) {
    store.put(
        key("backups/" + id + "/" + name),
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
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
        .orElseThrow(
            () ->
                Problem.refused("there is no backup of \"" + cluster + "\"")
                    .hint("Take one: pgrunbook run backup/base-backup " + cluster + "."));
  }

  private String manifestKey(String id) {
    return key("backups/" + id + "/" + MANIFEST);
  }

  private Manifest manifest(String key) {
    String text = new String(store.get(key), StandardCharsets.UTF_8);
    try {
      Object format = Json.object(text).get("format");
      if (!(format instanceof Number number) || number.intValue() > Manifest.FORMAT) {
        throw Problem.refused(
                "manifest \"%s\" has format %s, newer than %d"
                    .formatted(key, format, Manifest.FORMAT))
            .hint("Use the version of pgrunbook that wrote it, or a newer one.")
            .hint("Another backup can still be restored, with -p backup=ID.");
      }
      return JsonReader.read(Manifest.class, text);
    } catch (IOException e) {
      throw Problem.failed("manifest \"" + key + "\" is damaged: " + e.getMessage()).because(e);
    } catch (UncheckedIOException e) {
      throw Problem.failed("manifest \"" + key + "\" cannot be read").because(e);
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
