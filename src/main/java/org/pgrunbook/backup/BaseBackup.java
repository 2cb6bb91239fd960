package org.pgrunbook.backup;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;
import org.pgrunbook.sql.Session;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.store.Store;

/**
 * The files of a server, copied while it works.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP">Making
 *     a base backup using the low level API</a>
 */
final class BaseBackup {
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(5);
  private static final int CONTROL_FILE_TRIES = 10;

  private final BackupPlan plan;
  private final Repository repository;
  private final int processes;
  private final int level;
  private final String base;

  BaseBackup(BackupPlan plan, Repository repository, int processes, int level) {
    this.plan = plan;
    this.repository = repository;
    this.processes = processes;
    this.level = level;
    this.base = repository.key("backups/" + plan.id() + "/");
  }

  /** Copies everything between pg_backup_start and pg_backup_stop, which are one session (P1). */
  Manifest take() {
    Node node = plan.node();
    try (Session session = node.getSql().session()) {
      Row start =
          session.returning(
              Row.of(Map.of("lsn", "0/0", "time", Instant.EPOCH)),
              "select pg_backup_start(?, fast => true)::text as lsn, clock_timestamp() as time",
              "pgrunbook " + plan.id());
      List<Manifest.Tablespace> tablespaces = tablespaces(session);
      List<Manifest.Archive> archives = copyWhileKeptAlive(session, tablespaces);
      Manifest.Plain control = controlFile();
      session.ping();
      Row stop =
          session.returning(
              Row.of(
                  Map.of("lsn", "0/0", "labelfile", "", "spcmapfile", "", "time", Instant.EPOCH)),
              "select lsn::text, labelfile, spcmapfile, clock_timestamp() as time"
                  + " from pg_backup_stop(wait_for_archive => false)");
      Optional<Manifest.Plain> map =
          Optional.of(stop.text("spcmapfile"))
              .filter(text -> !text.isBlank())
              .map(text -> plain("tablespace_map", text.getBytes(StandardCharsets.UTF_8)));
      Row server =
          session.row(
              """
              select current_setting('server_version_num')::int / 10000 as major,
                     pg_size_bytes(current_setting('wal_segment_size')) as segment_size,
                     current_setting('data_checksums') = 'on' as checksums,
                     (select timeline_id from pg_control_checkpoint())::bigint as timeline\
              """);
      return new Manifest(
          Manifest.FORMAT,
          plan.id(),
          "full",
          repository.cluster().fullName(),
          repository.systemIdentifier(),
          server.as(Integer.class, "major"),
          node.fullName(),
          plan.data(),
          server.bytes("segment_size"),
          server.as(Integer.class, "timeline"),
          Lsn.parse(start.text("lsn")),
          Lsn.parse(stop.text("lsn")),
          start.instant("time"),
          stop.instant("time"),
          server.bool("checksums"),
          plan.compression(),
          settings(session),
          tablespaces,
          archives,
          control,
          // To the byte as the server gave it (P5).
          plain("backup_label", stop.text("labelfile").getBytes(StandardCharsets.UTF_8)),
          map,
          Optional.empty(),
          version());
    }
  }

  private List<Manifest.Tablespace> tablespaces(Session session) {
    return session
        .rows(
            """
            select oid::text, spcname, pg_tablespace_location(oid) as location
              from pg_tablespace
             where pg_tablespace_location(oid) like '/%'
             order by oid\
            """)
        .stream()
        .map(
            row ->
                new Manifest.Tablespace(row.text("oid"), row.text("spcname"), row.text("location")))
        .toList();
  }

  private Map<String, String> settings(Session session) {
    Map<String, String> settings = new LinkedHashMap<>();
    session
        .rows("select name, setting from pg_settings where name = any(?)", StandbySettings.NAMES)
        .forEach(row -> settings.put(row.text("name"), row.text("setting")));
    return settings;
  }

  /** A lost session aborts the backup on the server; copying on would be for nothing. */
  private List<Manifest.Archive> copyWhileKeptAlive(
      Session session, List<Manifest.Tablespace> tablespaces) {
    Thread copier = Thread.currentThread();
    Problem[] lost = new Problem[1];
    Thread pinger =
        Thread.startVirtualThread(
            () -> {
              try {
                while (true) {
                  plan.node().run().time().sleep(KEEP_ALIVE);
                  session.ping();
                }
              } catch (Problem e) {
                lost[0] = e;
                if (e.exit() != Exit.INTERRUPTED) {
                  copier.interrupt();
                }
              }
            });
    try {
      return copy(chunks(session, tablespaces));
    } catch (Problem e) {
      throw lost[0] != null ? lost[0] : e;
    } finally {
      pinger.interrupt();
    }
  }

  private List<Manifest.Archive> copy(List<Numbered> chunks) {
    LongConsumer through =
        plan.node()
            .run()
            .journal()
            .progressOf(chunks.stream().mapToLong(next -> next.chunk.bytes()).sum());
    return Parallel.untilFailure(
        chunks,
        processes,
        next -> {
          Manifest.Archive archive =
              ArchiveCopy.store(
                  plan.node(),
                  repository.store(),
                  next.folder,
                  next.chunk,
                  base,
                  next.key,
                  plan.compression().pack(level));
          through.accept(next.chunk.bytes());
          return archive;
        });
  }

  /** A chunk, where it lies and what its object is called. */
  private record Numbered(String folder, Chunk chunk, String key) {}

  private List<Numbered> chunks(Session session, List<Manifest.Tablespace> tablespaces) {
    List<Numbered> result =
        new ArrayList<>(numbered("data/", plan.data(), "", Listing.of(plan.node(), plan.data())));
    // Others may use the same location: only the folder of our own version is ours.
    String own =
        session.value(
            String.class,
            """
            select format('PG_%s_%s', current_setting('server_version_num')::int / 10000,
                          catalog_version_no)
              from pg_control_system()\
            """);
    for (Manifest.Tablespace tablespace : tablespaces) {
      List<Manifest.File> files =
          Listing.of(plan.node(), tablespace.location()).stream()
              .filter(file -> file.path().equals(own) || file.path().startsWith(own + "/"))
              .toList();
      String prefix = "tablespaces/" + tablespace.oid() + "/";
      result.addAll(numbered(prefix, tablespace.location(), tablespace.oid(), files));
    }
    return result;
  }

  private List<Numbered> numbered(
      String prefix, String folder, String tablespace, List<Manifest.File> listing) {
    List<Manifest.File> files = Exclusions.apply(listing);
    files.stream().filter(file -> file.kind().equals("l")).forEach(this::warnOfLink);
    List<Chunk> chunks = Chunk.deal(tablespace, files, processes);
    List<Numbered> result = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      String key = "%s%04d.tar%s".formatted(prefix, i + 1, plan.compression().suffix());
      result.add(new Numbered(folder, chunks.get(i), key));
    }
    return result;
  }

  /** PostgreSQL makes links for tablespaces and for pg_wal only, which are taken care of (P12). */
  private void warnOfLink(Manifest.File link) {
    Node node = plan.node();
    node.run()
        .journal()
        .warn(
            "\"%s\" of %s is a link: the link is in the backup, but not what it leads to"
                .formatted(link.path(), node));
  }

  /** Read again until its checksum is right: the server may be writing it (P7). */
  private Manifest.Plain controlFile() {
    Command read = Command.probe("cat", plan.data() + "/global/pg_control");
    for (int left = CONTROL_FILE_TRIES; ; left--) {
      byte[] bytes = plan.node().getSsh().run(read).bytes();
      try {
        ControlFile.read(bytes);
        return plain("pg_control", bytes);
      } catch (Problem e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  private Manifest.Plain plain(String name, byte[] content) {
    Store.Stored stored = repository.store().put(base + name, new ByteArrayInputStream(content));
    return new Manifest.Plain(name, stored.size(), stored.sha256());
  }

  private static String version() {
    String version = BaseBackup.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
