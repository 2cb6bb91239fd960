package org.pgrunbook.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;
import org.pgrunbook.sql.Session;
import org.pgrunbook.sql.Statements;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.ssh.Remote;

/**
 * Copies a running server's files straight onto another host, {@code tar | compress | unpack},
 * through this machine and without a file in between. The WAL that makes them a database is not
 * among them: the standby streams it, by a slot that was there before.
 *
 * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html">Making a base
 *     backup using the low level API</a>
 */
final class DirectCopy {
  private static final int LEVEL = 1;
  private static final int CONTROL_FILE_TRIES = 10;

  /** All of it on the disk before the file that makes it startable (P7, P51). */
  private static final String MAKE_STARTABLE =
      """
      umask 077
      cat > "$1/global/pg_control.new" && chmod 0700 "$1" && sync -f "$@" || exit
      mv -- "$1/global/pg_control.new" "$1/global/pg_control" && sync "$1/global"
      """;

  private static final String FREE =
      """
      folder=$1
      while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
      df --block-size=1 --output=avail "$folder" | tail -n 1
      """;

  private static final String IS_EMPTY = "[ ! -e \"$1\" ] || ls -A -- \"$1\" | head -n 1";

  private record Folder(String oid, String location) {}

  private record Part(Folder folder, Chunk chunk) {}

  private final Node source;
  private final Node target;
  private final int processes;
  private final String from;
  private final String to;

  DirectCopy(Node source, Node target, int processes) {
    this.source = source;
    this.target = target;
    this.processes = processes;
    this.from = source.getPostmaster().getData();
    this.to = target.getPostmaster().getData();
  }

  /**
   * Refuses a host that has another version, too little room, or something where a tablespace goes
   * (P12, P51, P52).
   *
   * @throws Problem with exit 3
   */
  void requireRoom() {
    requireSameServer();
    int major =
        source
            .getSql()
            .value(Integer.class, "select current_setting('server_version_num')::int / 10000");
    String said =
        target.getSsh().read(target.getPostmaster().program("postgres"), "--version").text();
    if (!said.matches(".*\\) " + major + "\\b.*")) {
      throw Problem.refused(
              "%s is of PostgreSQL %d, but %s has \"%s\"".formatted(source, major, target, said))
          .hint("Install the same major version, or name its programs with the node's key bin.")
          .state("nothing was changed");
    }
    long needed =
        source
            .getSql()
            .value(Long.class, "select sum(pg_database_size(oid))::bigint from pg_database");
    long free = Long.parseLong(target.getSsh().run(Command.probeScript(FREE, to)).text());
    if (free < needed) {
      throw Problem.refused(
              "%s has %s free for the %s of %s"
                  .formatted(target, new DataSize(free), new DataSize(needed), source))
          .hint("What is moved aside still takes its room.")
          .state("nothing was changed");
    }
    tablespaces(source.getSql()).forEach(space -> requireEmpty(space.location()));
  }

  /** P4: the files have to be those of the server that is told of the backup. */
  private void requireSameServer() {
    String system =
        source
            .getSql()
            .value(String.class, "select system_identifier::text from pg_control_system()");
    if (!source.getPostmaster().isPrimaryOf(system)) {
      throw Problem.refused(
              "\"%s\" on the host of %s is not the data directory of its server"
                  .formatted(from, source))
          .hint("Check the node's ssh, sql and data in the inventory.")
          .state("nothing was changed");
    }
  }

  private void requireNoServer() {
    if (target.getPostmaster().isRunning()) {
      throw Problem.refused("a server is running in \"%s\" of %s".formatted(to, target))
          .hint("Stop it first, if it is to be replaced.");
    }
  }

  /** Copies all of it between pg_backup_start and pg_backup_stop, which are one session (P1). */
  Copied perform() {
    target.run().means().outcome("no server runs on " + target, this::requireNoServer);
    // What a run that was ended has copied is of no use: its backup is gone with its session.
    UnfinishedCopy unfinished = new UnfinishedCopy(target, to);
    unfinished.clear(tablespaces(source.getSql()).stream().map(Folder::location).toList());
    requireRoom();
    target
        .run()
        .means()
        .outcome("\"%s\" of %s is free".formatted(to, target), () -> requireEmpty(to));
    try (Session session = source.getSql().session()) {
      Row start =
          session.returning(
              Row.of(Map.of("lsn", "0/0")),
              "select pg_backup_start(?, fast => true)::text as lsn",
              "pgrunbook copy to " + target);
      List<Folder> tablespaces = tablespaces(session);
      List<Part> parts = parts(session, tablespaces);
      unfinished.begin();
      tablespaces.forEach(space -> makeFolder(space.location()));
      // Directories first, so that they have their modes before their contents.
      copy(parts.stream().filter(part -> isFrame(part.chunk())).toList(), 1, session);
      copy(parts.stream().filter(part -> !isFrame(part.chunk())).toList(), processes, session);
      byte[] control = controlFile();
      Row stop =
          session.returning(
              Row.of(Map.of("lsn", "0/0", "labelfile", "", "spcmapfile", "")),
              "select lsn::text, labelfile, spcmapfile from pg_backup_stop(wait_for_archive =>"
                  + " false)");
      write("backup_label", stop.text("labelfile")); // to the byte as the server gave it (P5)
      if (!stop.text("spcmapfile").isBlank()) {
        write("tablespace_map", stop.text("spcmapfile"));
      }
      target.getSsh().run(Command.changeScript(Restore.OWN_FILES, to));
      List<String> folders = new ArrayList<>(List.of(to));
      tablespaces.forEach(space -> folders.add(space.location()));
      target
          .getSsh()
          .run(Command.changeScript(MAKE_STARTABLE, folders.toArray(String[]::new)).stdin(control));
      long bytes = parts.stream().mapToLong(part -> part.chunk().bytes()).sum();
      return new Copied(
          Lsn.parse(start.text("lsn")), Lsn.parse(stop.text("lsn")), new DataSize(bytes));
    }
  }

  private static boolean isFrame(Chunk chunk) {
    return chunk.files().stream().noneMatch(file -> file.kind().equals("f"));
  }

  private void requireEmpty(String folder) {
    if (!target.getSsh().run(Command.probeScript(IS_EMPTY, folder)).text().isEmpty()) {
      throw Problem.refused("\"%s\" of %s is not empty".formatted(folder, target))
          .hint("Move what is there out of the way: nothing is deleted.")
          .state("nothing was copied");
    }
  }

  private static List<Folder> tablespaces(Statements server) {
    return server
        .rows(
            """
            select oid::text, pg_tablespace_location(oid) as location from pg_tablespace
            where pg_tablespace_location(oid) like '/%' order by oid\
            """)
        .stream()
        .map(row -> new Folder(row.text("oid"), row.text("location")))
        .toList();
  }

  private List<Part> parts(Session session, List<Folder> tablespaces) {
    List<Part> result = new ArrayList<>(dealt(new Folder("", from), Listing.of(source, from)));
    // Others may use the same location: only the folder of our own version is ours.
    String own =
        session.value(
            String.class,
            """
            select format('PG_%s_%s', current_setting('server_version_num')::int / 10000,
                          catalog_version_no)
              from pg_control_system()\
            """);
    for (Folder space : tablespaces) {
      List<Manifest.File> files =
          Listing.of(source, space.location()).stream()
              .filter(file -> file.path().equals(own) || file.path().startsWith(own + "/"))
              .toList();
      result.addAll(dealt(space, files));
    }
    return result;
  }

  private List<Part> dealt(Folder folder, List<Manifest.File> listing) {
    return Chunk.deal(folder.oid(), Exclusions.apply(listing), processes).stream()
        .map(chunk -> new Part(folder, chunk))
        .toList();
  }

  private void copy(List<Part> parts, int atOnce, Session session) {
    Compression compression =
        target.getSsh().has(Compression.ZSTD.program()) ? Compression.of(source) : Compression.GZIP;
    Parallel.untilFailure(
        parts,
        atOnce,
        part -> {
          session.ping(); // a lost session aborts the backup: to copy on would be for nothing
          copy(part, compression);
          return null;
        });
  }

  private void copy(Part part, Compression compression) {
    String folder = part.folder().oid().isEmpty() ? to : part.folder().location();
    Command unpack =
        Command.change(
            "tar",
            "--extract",
            "--preserve-permissions",
            "--directory=" + folder,
            "--use-compress-program=" + compression.unpack(),
            "--blocking-factor=256",
            "--file=-");
    Command pack =
        ArchiveCopy.pack(part.folder().location(), part.chunk(), compression.pack(LEVEL));
    target.getSsh().stream(
        unpack, null, into -> source.getSsh().stream(pack, null, out -> pour(out, into)));
  }

  private static Void pour(Remote from, Remote into) throws IOException {
    try (var stdin = into.stdin()) {
      from.stdout().transferTo(stdin);
    }
    return null;
  }

  /** Read again until its checksum is right: the server may be writing it (P7). */
  private byte[] controlFile() {
    Command read = Command.probe("cat", from + "/global/pg_control");
    for (int left = CONTROL_FILE_TRIES; ; left--) {
      byte[] bytes = source.getSsh().run(read).bytes();
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

  private void makeFolder(String folder) {
    target.getSsh().run("mkdir", "--parents", "--mode=0700", "--", folder);
  }

  private void write(String name, String content) {
    target
        .getSsh()
        .run(
            Command.changeScript("umask 077 && cat > \"$1\"", to + "/" + name)
                .stdin(content.getBytes(StandardCharsets.UTF_8)));
  }
}
