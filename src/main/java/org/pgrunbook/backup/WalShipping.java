package org.pgrunbook.backup;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.WalFile;
import org.pgrunbook.postgres.WalHeader;
import org.pgrunbook.postgres.WalSegment;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Command;

/**
 * Brings what the archive_command has left in a host's spool into the repository. Nothing is
 * overwritten there: the same content under the same name is done already, other content is an
 * error (P30). Only what is proved to be stored is removed from the spool.
 */
final class WalShipping {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int LEVEL = 1;

  /**
   * So many are removed from the spool by one command; what a kill may leave to be looked at again.
   */
  private static final int BATCH = 16;

  private static final String UNTOUCHED =
      "the repository is as it was, the file is still in the spool";

  /** The first bytes as they are, so that they can be looked at; then the whole file, packed. */
  private static final String PACK = "head -c \"$2\" -- \"$1\" && exec $3 < \"$1\"";

  private final Node node;
  private final Repository repository;
  private final int processes;
  private final String spool;
  private final Compression compression;

  WalShipping(Node node, Repository repository, int processes) {
    this.node = node;
    this.repository = repository;
    this.processes = processes;
    this.spool =
        repository
            .cluster()
            .spec()
            .spool()
            .orElseThrow(
                () ->
                    Problem.usage("cluster \"" + repository.cluster() + "\" has no spool")
                        .hint(
                            "Name the folder that the archive_command fills with the cluster's key"
                                + " spool.")
                        .at(repository.cluster().spec().place()));
    this.compression = Compression.of(node);
  }

  /**
   * Makes sure that the host has the spool.
   *
   * @throws Problem with exit 3 if it does not
   */
  void requireSpool() {
    Command look = Command.probe("test", "-d", spool).accept(0, 1);
    if (node.getSsh().run(look).exit() != 0) {
      throw Problem.refused("there is no spool \"" + spool + "\" on " + node)
          .hint("Make the folder, and let archive_command fill it.")
          .hint("A relative path begins at the home of the SSH user.")
          .state("nothing was changed");
    }
  }

  /**
   * Ships all that is there now, histories first, then in the order of their names: what a restore
   * needs first is there first.
   */
  Shipped ship() {
    requireSpool();
    List<String> shipped = shipWaiting();
    // What a shutdown archives, for example, is not there to be seen before it.
    node.run().means().outcome("what " + node + " archives meanwhile is shipped, too", () -> {});
    return Shipped.of(shipped);
  }

  /** Ships until the repository holds all of these. */
  Shipped shipUntil(List<WalSegment> wanted, Duration limit) {
    List<String> shipped = new ArrayList<>(shipWaiting());
    return node.run()
        .means()
        .outcome(
            "the rest is archived and in the repository",
            Shipped.of(shipped),
            () -> shipUntil(wanted, shipped, limit));
  }

  /** The names of what is there now. */
  List<String> spooled() {
    requireSpool();
    return waiting().stream().map(Manifest.File::path).toList();
  }

  private Shipped shipUntil(List<WalSegment> wanted, List<String> shipped, Duration limit) {
    List<WalSegment> left = new ArrayList<>(wanted);
    long start = node.run().time().nanos();
    while (true) {
      left.removeIf(segment -> repository.wal().find(segment.name()).isPresent());
      if (left.isEmpty()) {
        return Shipped.of(shipped);
      }
      if (node.run().time().since(start).compareTo(limit) > 0) {
        throw notArchived(left.getFirst().name(), limit);
      }
      node.run().time().sleep(POLL);
      shipped.addAll(shipWaiting());
    }
  }

  /** Waits until a segment is in the spool, or in the repository because somebody ships too. */
  void awaitSpooled(String name, Duration limit) {
    Command look = Command.probe("test", "-e", spool + "/" + name).accept(0, 1);
    BooleanSupplier there =
        () -> node.getSsh().run(look).exit() == 0 || repository.wal().find(name).isPresent();
    if (!node.run().time().until(there, limit, POLL)) {
      throw notArchived(name, limit);
    }
  }

  /** The spool, as the inventory says it. */
  String spool() {
    return spool;
  }

  /** The segment that is closed by this. */
  static WalSegment closeSegment(Node node) {
    Row closed =
        node.getSql()
            .returning(
                Row.of(Map.of("lsn", "0/1", "timeline", 1, "size", 16L << 20)),
                """
                select ('x' || substr(pg_walfile_name(pg_create_restore_point(?)), 1, 8))::bit(32)::int as timeline,
                       pg_switch_wal()::text as lsn,
                       pg_size_bytes(current_setting('wal_segment_size')) as size\
                """,
                "pgrunbook " + node.run().id());
    return WalSegment.endingAt(
        Lsn.parse(closed.text("lsn")), closed.as(Integer.class, "timeline"), closed.bytes("size"));
  }

  private Problem notArchived(String segment, Duration limit) {
    Row archiver =
        node.getSql()
            .row(
                "select last_archived_wal, last_failed_wal, last_failed_time from"
                    + " pg_stat_archiver");
    Problem problem =
        Problem.failed(
                "WAL segment \"%s\" did not come into the spool of %s within %s"
                    .formatted(segment, node, Durations.show(limit)))
            .hint("Check archive_command, and that it fills \"" + spool + "\" on the host.");
    return archiver.text("last_failed_wal") == null
        ? problem
        : problem.hint(
            "The archiver failed last on %s, at %s; its reason is in the server's log."
                .formatted(archiver.text("last_failed_wal"), archiver.instant("last_failed_time")));
  }

  private List<String> shipWaiting() {
    List<Manifest.File> files = waiting();
    for (int begin = 0; begin < files.size(); begin += BATCH) {
      shipBatch(files.subList(begin, Math.min(begin + BATCH, files.size())));
    }
    return files.stream().map(Manifest.File::path).toList();
  }

  /** What is stored leaves the spool also when another file of the batch stops us. */
  private void shipBatch(List<Manifest.File> files) {
    List<String> stored = Collections.synchronizedList(new ArrayList<>());
    Set<String> there = repository.wal().there(files.stream().map(Manifest.File::path).toList());
    try {
      Parallel.untilFailure(
          files,
          processes,
          file -> {
            ensureStored(file, there.contains(file.path()));
            return stored.add(spool + "/" + file.path());
          });
    } finally {
      if (!stored.isEmpty()) {
        node.getSsh()
            .run(
                Stream.concat(Stream.of("rm", "-f", "--"), stored.stream()).toArray(String[]::new));
      }
    }
  }

  private List<Manifest.File> waiting() {
    return Listing.of(node, spool).stream()
        .filter(file -> file.kind().equals("f") && WalFile.of(file.path()).isPresent())
        .sorted(
            Comparator.comparing((Manifest.File file) -> !file.path().endsWith(".history"))
                .thenComparing(Manifest.File::path))
        .toList();
  }

  private void ensureStored(Manifest.File file, boolean there) {
    String path = spool + "/" + file.path();
    try {
      if (there || !store(file, path)) {
        requireSame(file.path(), path);
      }
    } catch (Problem e) {
      // Another machine may have shipped it since it was listed, and taken it out of the spool.
      if (e.exit() != Exit.FAILED
          || isInSpool(path)
          || repository.wal().find(file.path()).isEmpty()) {
        throw e;
      }
    }
  }

  private boolean isInSpool(String path) {
    return node.getSsh().run(Command.probe("test", "-e", path).accept(0, 1)).exit() == 0;
  }

  /** Whether it was stored; not if meanwhile somebody else has. */
  private boolean store(Manifest.File file, String path) {
    WalFile wal = WalFile.of(file.path()).orElseThrow();
    boolean hasHeader = wal.kind() == WalFile.Kind.SEGMENT || wal.kind() == WalFile.Kind.PARTIAL;
    String header = String.valueOf(hasHeader ? WalHeader.LENGTH : 0);
    String key = repository.wal().key(file.path(), compression);
    return node.getSsh().stream(
        Command.probeScript(PACK, path, header, compression.pack(LEVEL)),
        false,
        remote -> {
          if (hasHeader) {
            requireOwn(wal, file.size(), remote.stdout());
          }
          return repository.store().putIfAbsent(key, remote.stdout()).isPresent();
        });
  }

  /** A segment has to be whole, what its name says, and of this database system (P35). */
  private void requireOwn(WalFile wal, long size, InputStream start) throws IOException {
    try {
      WalHeader header = WalHeader.read(start);
      if (size != header.segmentSize().bytes()) {
        throw Problem.failed(
                "WAL file \"%s\" has %s, not %s"
                    .formatted(wal.name(), new DataSize(size), header.segmentSize()))
            .hint("Let archive_command copy to another name, and rename what is complete.");
      }
      String identifier = String.valueOf(header.systemIdentifier());
      if (!identifier.equals(repository.systemIdentifier())) {
        throw Problem.failed(
                "WAL file \"%s\" is of database system %s, not %s"
                    .formatted(wal.name(), identifier, repository.systemIdentifier()))
            .hint("Find out which other server archives into this spool.");
      }
      header.require(wal.segment(header.segmentSize()).orElseThrow());
    } catch (Problem e) {
      throw e.at(spool + "/" + wal.name()).state(UNTOUCHED);
    }
  }

  private void requireSame(String name, String path) {
    String there = node.getSsh().read("sha256sum", path).text().substring(0, 64);
    if (!there.equals(repository.wal().sha256(name))) {
      throw Problem.failed(
              "WAL file \"" + name + "\" of " + node + " differs from the one in the repository")
          .hint("Two servers archive into one repository: find the one that should not.")
          .state(UNTOUCHED);
    }
  }
}
