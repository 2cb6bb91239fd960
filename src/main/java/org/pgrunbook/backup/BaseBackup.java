package org.pgrunbook.backup;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.BackupLabel;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
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

  private static final String ASSUMED_LABEL =
      """
      START WAL LOCATION: 0/0 (file 000000010000000000000000)
      CHECKPOINT LOCATION: 0/0
      BACKUP FROM: primary
      LABEL: assumed
      START TIMELINE: 1
      """;

  private final BackupPlan plan;
  private final Repository repository;
  private final Attempt attempt;
  private final Packing packing;

  BaseBackup(BackupPlan plan, Repository repository, Attempt attempt, Packing packing) {
    this.plan = plan;
    this.repository = repository;
    this.attempt = attempt;
    this.packing = packing;
  }

  /** Copies everything between pg_backup_start and pg_backup_stop, which are one session (P1). */
  Manifest take(Checking checks) {
    try (Session session = plan.node().getSql().session()) {
      Instant began = plan.time();
      Row start =
          session.returning(
              Row.of(Map.of("lsn", "0/0")),
              "select pg_backup_start(?, fast => true)::text as lsn",
              "pgrunbook " + attempt.id());
      Optional<ArchiveCheck> check =
          checks == Checking.INLINE ? check(Lsn.parse(start.text("lsn"))) : Optional.empty();
      List<Manifest.Tablespace> tablespaces = tablespaces(session);
      List<Sending.Sent> sent = copyWhileKeptAlive(session, tablespaces, check);
      // After all else: on a standby it says how far the WAL must be replayed to mend the rest
      // (P7).
      byte[] control = controlFile();
      session.ping();
      Row stop =
          session.returning(
              Row.of(Map.of("lsn", "0/0", "labelfile", ASSUMED_LABEL, "spcmapfile", "")),
              "select lsn::text, labelfile, spcmapfile"
                  + " from pg_backup_stop(wait_for_archive => false)");
      BackupLabel label = BackupLabel.parse(stop.text("labelfile"));
      Lsn end = plan.end(label, ControlFile.read(control), Lsn.parse(stop.text("lsn")));
      Row server =
          session.row(
              """
              select current_setting('server_version_num')::int / 10000 as major,
                     pg_size_bytes(current_setting('wal_segment_size')) as segment_size,
                     current_setting('data_checksums') = 'on' as checksums\
              """);
      return new Manifest(
          Manifest.FORMAT,
          attempt.id(),
          "full",
          repository.cluster().fullName(),
          repository.systemIdentifier(),
          server.as(Integer.class, "major"),
          plan.node().fullName(),
          plan.data(),
          server.bytes("segment_size"),
          label.timeline(),
          label.start(),
          end,
          began,
          plan.time(),
          server.bool("checksums"),
          plan.compression(),
          settings(session),
          tablespaces,
          sent.stream().map(Sending.Sent::summed).toList(),
          plain("pg_control", control),
          // To the byte as the server gave it (P5).
          plain("backup_label", stop.text("labelfile").getBytes(StandardCharsets.UTF_8)),
          Optional.of(stop.text("spcmapfile"))
              .filter(text -> !text.isBlank())
              .map(text -> plain("tablespace_map", text.getBytes(StandardCharsets.UTF_8))),
          Optional.empty(),
          check.filter(ArchiveCheck::looksAtPages).map(_ -> pages(sent)),
          version());
    }
  }

  /** A dry run sends nothing, so that there is nothing to look at. */
  private Optional<ArchiveCheck> check(Lsn start) {
    Run run = plan.node().run();
    if (run.means().isDry()) {
      return Optional.empty();
    }
    Optional<PageCheck> pages = PageCheck.of(start, ControlFile.read(controlFile()).initial());
    if (pages.isEmpty()) {
      run.journal().note("pages have no checksums here: only the sums of files are taken");
    }
    return Optional.of(new ArchiveCheck(plan.compression(), pages));
  }

  private static Manifest.Pages pages(List<Sending.Sent> sent) {
    return new Manifest.Pages(
        sent.stream().mapToLong(it -> it.found().pages).sum(),
        sent.stream().flatMap(it -> it.suspects().stream()).toList());
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
  private List<Sending.Sent> copyWhileKeptAlive(
      Session session, List<Manifest.Tablespace> tablespaces, Optional<ArchiveCheck> check) {
    KeptAlive alive = new KeptAlive(session, Thread.currentThread());
    try {
      List<Sending.Sent> sent = packing.pack(session, tablespaces, check);
      alive.end();
      return sent;
    } catch (Problem e) {
      alive.end();
      throw e;
    }
  }

  /** Pings a session now and then, and interrupts who works by it once it is lost. */
  private final class KeptAlive {
    private final Thread pinger = Thread.ofVirtual().unstarted(this::ping);
    private final Session session;
    private final Thread worker;
    private Problem lost;
    private boolean ended;

    KeptAlive(Session session, Thread worker) {
      this.session = session;
      this.worker = worker;
      pinger.start();
    }

    private void ping() {
      try {
        do {
          plan.node().run().time().sleep(KEEP_ALIVE);
        } while (answers());
      } catch (Problem e) {
        // Woken by the end.
      }
    }

    private synchronized boolean answers() {
      if (ended) {
        return false;
      }
      try {
        session.ping();
        return true;
      } catch (Problem e) {
        lost = e;
        worker.interrupt();
        return false;
      }
    }

    /** Never in the midst of a ping: interrupted then, it would close the session's connection. */
    synchronized void end() {
      ended = true;
      pinger.interrupt();
      if (lost != null) {
        Thread.interrupted(); // by us
        throw lost;
      }
    }
  }

  /** Read again until its checksum is right: the server may be writing it (P7). */
  private byte[] controlFile() {
    Command read = Command.probe("cat", plan.data() + "/global/pg_control");
    for (int left = CONTROL_FILE_TRIES; ; left--) {
      byte[] bytes = plan.node().getSsh().run(read).bytes();
      try {
        ControlFile.read(bytes);
        return bytes;
      } catch (Problem e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  private Manifest.Plain plain(String name, byte[] content) {
    Store.Stored stored =
        repository.store().put(attempt.key(name), new ByteArrayInputStream(content));
    return new Manifest.Plain(name, stored.size(), stored.sha256());
  }

  private static String version() {
    String version = BaseBackup.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
