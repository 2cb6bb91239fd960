package org.pgrunbook.backup;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.Sha256;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.ssh.Remote;
import org.pgrunbook.store.Store;

/**
 * Brings the files of a backup, and the WAL that recovery needs, onto a node. Until the very last
 * of them, {@code global/pg_control}, is in place no server can start there, so half a restore
 * never becomes a database (P7).
 */
final class Restore {
  /** Says in the folder itself what it is, while it is unfinished. */
  static final String MARK = "RESTORE_UNFINISHED";

  /** These may point to the files of the server that the backup is of (P53). */
  static final String OWN_FILES =
      """
      [ ! -e "$1/postgresql.conf" ] || sed -i -E \\
          's/^[[:space:]]*(data_directory|hba_file|ident_file|external_pid_file)\\>/#&/' \\
          "$1/postgresql.conf"
      """;

  private static final String UNFINISHED = "the restore is unfinished; no server can start from it";

  /** A segment that is not whole would end the recovery, and so must never have its name (P46). */
  private static final String FETCH =
      """
      $3 > "$1.new" || exit
      if [ "$2" -gt 0 ] && [ "$(wc -c < "$1.new")" -ne "$2" ]; then
          echo "the segment has $(wc -c < "$1.new") bytes, not $2" >&2
          exit 1
      fi
      mv -- "$1.new" "$1"
      """;

  private static final String MARK_ARCHIVED =
      """
      cd "$1" && mkdir --parents --mode=0700 archive_status || exit
      for name in [0-9A-F]*[0-9A-F] *.history; do
          [ ! -f "$name" ] || : > "archive_status/$name.done"
      done
      """;

  /** All of it on the disk, on each file system, before the file that makes it a database (P51). */
  private static final String MAKE_STARTABLE =
      """
      rm -f -- "$1/RESTORE_UNFINISHED" && chmod 0700 "$1" && sync -f "$@" || exit
      mv -- "$1/global/pg_control.new" "$1/global/pg_control" && sync "$1/global"
      """;

  private final Node node;
  private final String data;
  private final RestorePlan plan;
  private final Repository repository;

  Restore(Node node, RestorePlan plan, Repository repository) {
    this.node = node;
    this.data = node.getPostmaster().getData();
    this.plan = plan;
    this.repository = repository;
  }

  /** The folder of the WAL that recovery reads: beside the data directory, never inside (P46). */
  static String walFolder(String data) {
    return data.replaceFirst("/+$", "") + ".wal";
  }

  /** Unpacks all archives, those with the directories first, and puts the labels beside them. */
  void files(int processes) {
    begin();
    Map<Boolean, List<Manifest.Archive>> archives =
        plan.backup().objects().stream()
            .collect(Collectors.partitioningBy(Manifest.Archive::hasFolders));
    LongConsumer through =
        node.run()
            .journal()
            .progressOf(plan.backup().objects().stream().mapToLong(Manifest.Archive::size).sum());
    Parallel.untilFailure(archives.get(true), 1, archive -> unpack(archive, through));
    Parallel.untilFailure(archives.get(false), processes, archive -> unpack(archive, through));
    complete();
  }

  /** Makes the folders, and says in the first what becomes of it. */
  void begin() {
    makeFolder(data);
    node.getSsh()
        .write(
            data + "/" + MARK,
            ("restore of " + plan.backup().id() + " by run " + node.run().id() + "\n")
                .getBytes(StandardCharsets.UTF_8));
    plan.tablespaces().values().forEach(this::makeFolder);
  }

  /** Puts what is in no archive beside what was unpacked. */
  void complete() {
    Exclusions.EMPTIED.forEach(folder -> makeFolder(data + "/" + folder));
    node.getSsh().write(data + "/backup_label", plain(plan.backup().label()));
    plan.backup()
        .tablespaceMap()
        .ifPresent(map -> node.getSsh().write(data + "/tablespace_map", tablespaceMap(map)));
    node.getSsh().run(Command.changeScript(OWN_FILES, data));
  }

  /** Fetches the WAL and the histories, each whole before it has its name. */
  void wal(int processes) {
    String folder = walFolder(data);
    makeFolder(folder);
    fetch(folder, processes);
  }

  /**
   * Fetches them to where a standby reads WAL before it streams. It recycles them itself, and once
   * it is promoted it need not archive what comes from the archive.
   */
  void walInPlace(int processes) {
    String folder = data + "/pg_wal";
    fetch(folder, processes);
    node.getSsh().run(Command.changeScript(MARK_ARCHIVED, folder));
  }

  private void fetch(String folder, int processes) {
    Parallel.untilFailure(plan.histories(), 1, name -> fetch(name, 0, folder));
    Parallel.untilFailure(
        plan.wal(), processes, wal -> fetch(wal.name(), wal.size().bytes(), folder));
  }

  /** The last file of all: from here on the server can start. */
  void controlFile() {
    String file = data + "/global/pg_control";
    node.getSsh().write(file + ".new", plain(plan.backup().control()));
    List<String> folders = new ArrayList<>(List.of(data));
    folders.addAll(plan.tablespaces().values());
    node.getSsh().run(Command.changeScript(MAKE_STARTABLE, folders.toArray(String[]::new)));
  }

  private Void unpack(Manifest.Archive archive, LongConsumer through) {
    unpack(archive);
    through.accept(archive.size());
    return null;
  }

  /** Unpacks an archive; with further options for tar. */
  void unpack(Manifest.Archive archive, String... options) {
    List<String> tar =
        new ArrayList<>(
            List.of(
                "tar",
                "--extract",
                "--preserve-permissions",
                "--directory=" + folder(archive.tablespace()),
                "--use-compress-program=" + plan.backup().compression().unpack(),
                "--blocking-factor=256",
                "--file=-"));
    tar.addAll(List.of(options));
    pour(key(archive.key()), archive.sha256(), Command.change(tar.toArray(String[]::new)));
  }

  /** Where the files of a tablespace go, or those of the data directory if it is empty. */
  String folder(String tablespace) {
    return tablespace.isEmpty() ? data : plan.tablespaces().get(tablespace);
  }

  /** Reads an archive to its end; fails unless it is what the manifest says. */
  <T> T read(Manifest.Archive archive, Store.Reading<T> reading) {
    String key = key(archive.key());
    return repository
        .store()
        .get(
            key,
            in -> {
              InputStream checked = new Checked(in, key, archive.sha256());
              T result = reading.from(checked);
              drain(checked);
              return result;
            });
  }

  private Void fetch(String name, long size, String folder) {
    WalArchive wal = repository.wal();
    String key =
        wal.find(name).map(found -> found.key()).orElseGet(() -> wal.key(name, Compression.ZSTD));
    String unpack =
        key.endsWith(Compression.ZSTD.suffix())
            ? Compression.ZSTD.unpack()
            : key.endsWith(Compression.GZIP.suffix()) ? Compression.GZIP.unpack() : "cat";
    String path = folder + "/" + name;
    pour(key, "", Command.changeScript(FETCH, path, String.valueOf(size), unpack));
    return null;
  }

  /** Streams an object into a command; bytes that are not what was stored fail it. */
  private void pour(String key, String sha256, Command command) {
    try {
      repository
          .store()
          .get(
              key,
              in -> node.getSsh().stream(command, null, remote -> pour(in, key, sha256, remote)));
    } catch (Problem e) {
      if (e.exit() == Exit.FAILED && !sha256.isEmpty()) {
        // What the host complains of may only follow from a damaged object.
        repository.store().get(key, in -> drain(new Checked(in, key, sha256)));
      }
      throw e.at("object \"" + key + "\"").state(UNFINISHED);
    }
  }

  private static Void pour(InputStream in, String key, String sha256, Remote remote)
      throws IOException {
    try (InputStream checked = sha256.isEmpty() ? in : new Checked(in, key, sha256);
        var to = remote.stdin()) {
      checked.transferTo(to);
    }
    return null;
  }

  private static long drain(InputStream in) throws IOException {
    return in.transferTo(OutputStream.nullOutputStream());
  }

  private byte[] plain(Manifest.Plain object) {
    return repository
        .store()
        .get(
            key(object.key()), in -> new Checked(in, object.key(), object.sha256()).readAllBytes());
  }

  private byte[] tablespaceMap(Manifest.Plain map) {
    byte[] stored = plain(map);
    boolean moved =
        plan.backup().tablespaces().stream()
            .anyMatch(space -> !plan.tablespaces().get(space.oid()).equals(space.location()));
    if (!moved) {
      return stored;
    }
    return plan.tablespaces().entrySet().stream()
        .map(space -> space.getKey() + " " + space.getValue().replace("\\", "\\\\") + "\n")
        .collect(Collectors.joining())
        .getBytes(StandardCharsets.UTF_8);
  }

  private String key(String relative) {
    return repository.key("backups/" + plan.backup().id() + "/" + relative);
  }

  private void makeFolder(String folder) {
    node.getSsh().run("mkdir", "--parents", "--mode=0700", folder);
  }

  /** A stream that fails at its end unless it was what the manifest says. */
  private static final class Checked extends FilterInputStream {
    private final String key;
    private final String sha256;
    private boolean checked;

    Checked(InputStream in, String key, String sha256) {
      super(new Sha256(in));
      this.key = key;
      this.sha256 = sha256;
    }

    @Override
    public int read() throws IOException {
      throw new UnsupportedOperationException("read by blocks");
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      if (count < 0 && !checked) {
        checked = true;
        if (!((Sha256) in).hex().equals(sha256)) {
          throw Problem.failed(
                  "object \"" + key + "\" is damaged: its SHA-256 is not that of the manifest")
              .hint("Restore from another backup, with -p backup=ID -p existing=aside.")
              .state(UNFINISHED);
        }
      }
      return count;
    }
  }
}
