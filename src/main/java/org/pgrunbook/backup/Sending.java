package org.pgrunbook.backup;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.store.Store;

/** Brings archives from the host into the repository, and has them looked at on their way. */
final class Sending {
  private final BackupPlan plan;
  private final Attempt attempt;
  private final Store store;
  private final Load load;
  private final String pack;
  private final Optional<ArchiveCheck> check;
  private final AtomicInteger takenOver = new AtomicInteger();
  private final AtomicLong spared = new AtomicLong();

  /**
   * An archive that is stored.
   *
   * @param found when it was looked at; nothing unless that was wanted
   */
  record Sent(Manifest.Archive archive, ArchiveCheck.Tally found) {
    Manifest.Archive summed() {
      return archive.withSums(found.sums);
    }

    List<Manifest.Page> suspects() {
      return found.suspects.stream()
          .map(it -> new Manifest.Page(archive.key(), it.file(), it.block().number()))
          .toList();
    }
  }

  /**
   * For one backup.
   *
   * @param pack the command that compresses
   * @param check what looks at each archive; absent: nobody does
   */
  Sending(
      BackupPlan plan,
      Attempt attempt,
      Store store,
      Load load,
      String pack,
      Optional<ArchiveCheck> check) {
    this.plan = plan;
    this.attempt = attempt;
    this.store = store;
    this.load = load;
    this.pack = pack;
    this.check = check;
  }

  /**
   * Stores an archive.
   *
   * @throws Problem with exit 1 if what comes from the host cannot be what was listed there
   */
  Sent store(Part part) {
    Sent sent = takeOver(part).orElseGet(() -> send(part));
    attempt.note(pack, sent.archive());
    return sent;
  }

  /** How many archives were there already. */
  int takenOver() {
    return takenOver.get();
  }

  /** What those come to. */
  DataSize spared() {
    return new DataSize(spared.get());
  }

  private Optional<Sent> takeOver(Part part) {
    Optional<Sent> same =
        part.before()
            .filter(stored -> isWhatWouldBeSent(part, stored))
            .map(stored -> copy(part, stored))
            .filter(sent -> sent.found().faults.isEmpty());
    same.ifPresent(
        sent -> {
          takenOver.incrementAndGet();
          spared.addAndGet(sent.archive().size());
        });
    return same;
  }

  /** The proof is of now, between the start of this backup and its end, and of every byte. */
  private boolean isWhatWouldBeSent(Part part, Part.Before stored) {
    return plan.node()
        .run()
        .means()
        .outcome(
            "\"" + stored.key() + "\" is what would be sent",
            true,
            () ->
                plan.node()
                    .getSsh()
                    .run(ArchiveCopy.sum(part.folder(), part.chunk(), pack))
                    .text()
                    .equals(stored.archive().sha256()));
  }

  /** Looked at again: which pages have to be right depends on where this backup began. */
  private Sent copy(Part part, Part.Before stored) {
    String key = attempt.key(part.key());
    Manifest.Archive before = stored.archive();
    store.copy(stored.key(), key, before.size());
    Manifest.Archive archive = archive(part, before.size(), before.sha256());
    return check
        .map(it -> new Sent(archive, store.get(key, content -> it.read(archive, content))))
        .orElseGet(() -> unseen(archive));
  }

  private Sent send(Part part) {
    Sent sent =
        plan.node().getSsh().stream(
            ArchiveCopy.pack(part.folder(), part.chunk(), pack),
            remote -> {
              InputStream packed = load.limit().on(remote.stdout());
              return check.isPresent() ? put(part, packed, check.get()) : unseen(put(part, packed));
            });
    requireAsListed(sent);
    return sent;
  }

  private Sent put(Part part, InputStream packed, ArchiveCheck look) {
    try (var along = new ReadAlong<>(packed, in -> look.read(part.chunk().files(), in))) {
      return new Sent(put(part, along.stream()), along.result());
    }
  }

  private Manifest.Archive put(Part part, InputStream packed) {
    Store.Stored stored = store.put(attempt.key(part.key()), packed);
    return archive(part, stored.size(), stored.sha256());
  }

  private static Manifest.Archive archive(Part part, long size, String sha256) {
    Chunk chunk = part.chunk();
    return new Manifest.Archive(
        part.key(), size, sha256, chunk.bytes(), chunk.tablespace(), chunk.files());
  }

  private static Sent unseen(Manifest.Archive archive) {
    return new Sent(archive, new ArchiveCheck.Tally());
  }

  /** What {@code backup/verify} would call damaged is told while it can still be taken anew. */
  private static void requireAsListed(Sent sent) {
    if (!sent.found().faults.isEmpty()) {
      throw Problem.failed(
              "archive \"%s\" is damaged: %s"
                  .formatted(sent.archive().key(), sent.found().faults.getFirst()))
          .hint("Take the backup anew; if it is so again look at the host's memory and disks.")
          .state("no backup was made");
    }
  }
}
