package org.pgrunbook.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.WalFile;
import org.pgrunbook.postgres.WalSegment;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.store.Store;

/**
 * Brings what the archive_command has left in a host's spool into the repository. Nothing is
 * overwritten there: the same content under the same name is done already, other content is an
 * error (P30). Only what is proved to be stored is removed from the spool.
 */
final class WalShipping {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Node node;
  private final Repository repository;
  private final String spool;
  private final Compression compression;

  WalShipping(Node node, Repository repository) {
    this.node = node;
    this.repository = repository;
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
    this.compression =
        node.getSsh()
                    .run(Command.probeScript("command -v zstd >/dev/null").accept(0, 1, 127))
                    .exit()
                == 0
            ? Compression.ZSTD
            : Compression.GZIP;
  }

  /** Ships all that is there now, histories first, then in the order of their names. */
  Shipped ship() {
    return Shipped.of(shipWaiting());
  }

  /** Ships until the repository holds all of these. */
  Shipped shipUntil(List<WalSegment> wanted, Duration limit) {
    List<String> shipped = new ArrayList<>();
    long start = node.run().time().nanos();
    while (true) {
      shipped.addAll(shipWaiting());
      List<WalSegment> missing = repository.wal().missing(wanted);
      if (missing.isEmpty()) {
        return Shipped.of(shipped);
      }
      if (node.run().time().since(start).compareTo(limit) > 0) {
        throw notArchived(missing.getFirst(), limit);
      }
      node.run().time().sleep(POLL);
    }
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

  private Problem notArchived(WalSegment segment, Duration limit) {
    Row archiver =
        node.getSql()
            .row(
                "select last_archived_wal, last_failed_wal, last_failed_time from"
                    + " pg_stat_archiver");
    Problem problem =
        Problem.failed(
                "WAL segment \"%s\" did not come into the spool of %s within %s"
                    .formatted(segment.name(), node, Durations.show(limit)))
            .hint("Check archive_command, and that it fills \"" + spool + "\" on the host.");
    return archiver.text("last_failed_wal") == null
        ? problem
        : problem.hint(
            "The archiver failed last on %s, at %s; its reason is in the server's log."
                .formatted(archiver.text("last_failed_wal"), archiver.instant("last_failed_time")));
  }

  private List<String> shipWaiting() {
    List<String> names = waiting();
    names.forEach(this::shipOne);
    return names;
  }

  private List<String> waiting() {
    return Listing.of(node, spool).stream()
        .filter(file -> file.kind().equals("f"))
        .map(Manifest.File::path)
        .filter(name -> WalFile.of(name).isPresent())
        .sorted(
            java.util.Comparator.comparing((String name) -> !name.endsWith(".history"))
                .thenComparing(name -> name))
        .toList();
  }

  private void shipOne(String name) {
    String path = spool + "/" + name;
    boolean history = name.endsWith(".history");
    String pack = history ? "cat" : compression.pack(1);
    byte[] packed =
        node.getSsh().stream(
            Command.probeScript("exec " + pack + " < \"$1\"", path),
            new byte[0],
            remote -> remote.stdout().readAllBytes());
    WalArchive wal = repository.wal();
    Optional<Store.Stored> stored =
        repository
            .store()
            .putIfAbsent(wal.key(name, compression), new ByteArrayInputStream(packed));
    if (stored.isEmpty()) {
      requireSame(name, path);
    }
    node.getSsh().run("rm", "--", path);
  }

  private void requireSame(String name, String path) {
    String there = node.getSsh().read("sha256sum", path).text().substring(0, 64);
    Store.Listed object = repository.wal().find(name).orElseThrow();
    String here =
        repository.store().get(object.key(), in -> sha256(Unpacking.of(object.key(), in)));
    if (!there.equals(here)) {
      throw Problem.failed(
              "WAL file \"" + name + "\" of " + node + " differs from the one in the repository")
          .hint("Two servers archive into one repository: find the one that should not.")
          .state("the repository is as it was, the file is still in the spool");
    }
  }

  private static String sha256(InputStream content) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(content, MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
