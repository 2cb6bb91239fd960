package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * How full the file systems are that a server's files lie on, and which of its folders take what.
 * Asked of the host: a server whose disk is full may answer nobody.
 *
 * @param node the server
 * @param limit percent of a file system, or of its inodes, that may be taken
 * @param critical percent that are an emergency
 * @param folders the server's folders, each with its file system
 */
public record DiskUsage(Node node, int limit, int critical, List<Folder> folders) {
  static final String INCIDENT = "disk-full";

  /** To count what is in the folders of a large database takes its time. */
  private static final Duration DEEP = Duration.ofMinutes(5);

  private static final String SCRIPT =
      """
      one() {
          [ -d "$2" ] || return 0
          real=$(cd "$2" && pwd -P) || return 0
          own=-
          [ -z "$deep" ] || own=$(du -s -k -- "$real" 2>/dev/null | cut -f 1)
          space=$(df -P -k -- "$real" | tail -n 1)
          inodes=$(df -P -i -- "$real" | tail -n 1)
          printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$1" "$real" "$own" "$space" "$inodes"
      }
      data=$1 log=$2 spool=$3 deep=$4
      case $log in /*) ;; *) log=$data/$log ;; esac
      one base "$data/base"
      one temp "$data/base/pgsql_tmp"
      one pg_wal "$data/pg_wal"
      one log "$log"
      [ -z "$spool" ] || one spool "$spool"
      for link in "$data"/pg_tblspc/*; do one "tablespace ${link##*/}" "$link"; done
      exit 0
      """;

  /** {@code /dev/sda1 1000 400 600 40% /var}: blocks or inodes, used, free. */
  private static final Pattern DF =
      Pattern.compile(".*?\\s(\\d+)\\s+(\\d+)\\s+(\\d+)\\s+\\S+\\s+(/.*)");

  /**
   * A folder of the server.
   *
   * @param what {@code base}, {@code temp} (in base), {@code pg_wal}, {@code log}, {@code spool},
   *     or {@code tablespace OID}
   * @param path where it really is
   * @param takes all that is in it; null if nobody counted
   * @param fileSystem where its file system is mounted
   * @param free what is left of that for ordinary users
   * @param percent how much of it is taken
   * @param inodes percent of its inodes that are taken
   */
  public record Folder(
      String what,
      String path,
      DataSize takes,
      String fileSystem,
      DataSize free,
      int percent,
      int inodes) {
    int worst() {
      return Math.max(percent, inodes);
    }
  }

  /**
   * Looks.
   *
   * @param deep whether to count what each folder takes
   */
  static DiskUsage of(Cluster cluster, Node node, boolean deep) {
    Thresholds limits = Thresholds.of(cluster.spec());
    Command look =
        Command.probeScript(
            SCRIPT,
            node.getPostmaster().getData(),
            ServerLogs.folder(node),
            cluster.spec().spool().orElse(""),
            deep ? "deep" : "");
    return new DiskUsage(
        node,
        limits.disk(),
        limits.diskCritical(),
        node.getSsh().run(deep ? look.timeout(DEEP) : look).lines().stream()
            .map(DiskUsage::folder)
            .toList());
  }

  private static Folder folder(String line) {
    String[] parts = line.split("\t", -1);
    Matcher space = df(parts[3]);
    Matcher inodes = df(parts[4]);
    return new Folder(
        parts[0],
        parts[1],
        parts[2].equals("-") ? null : kilobytes(parts[2]),
        space.group(4),
        kilobytes(space.group(3)),
        percent(space),
        percent(inodes));
  }

  private static Matcher df(String line) {
    Matcher found = DF.matcher(line);
    if (!found.matches()) {
      throw Problem.failed("df says what nobody understands: " + line);
    }
    return found;
  }

  private static DataSize kilobytes(String number) {
    return new DataSize(Long.parseLong(number) << 10);
  }

  /** As df counts: what is reserved for root is no room. Some file systems have no inodes. */
  private static int percent(Matcher df) {
    long used = Long.parseLong(df.group(2));
    long all = used + Long.parseLong(df.group(3));
    return all == 0 ? 0 : (int) ((100 * used + all - 1) / all);
  }

  /** The file system that is the fullest, by one of its folders. */
  public Folder fullest() {
    return folders.stream().max(Comparator.comparingInt(Folder::worst)).orElseThrow();
  }

  /** The folders on the fullest file system, the largest first; temp is a part of base. */
  public List<Folder> onFullest() {
    return folders.stream()
        .filter(one -> one.fileSystem().equals(fullest().fileSystem()))
        .sorted(
            Comparator.comparing(
                Folder::takes, Comparator.nullsLast(Comparator.<DataSize>reverseOrder())))
        .toList();
  }

  /** What was found out. */
  public Finding finding() {
    Folder full = fullest();
    if (full.worst() < limit) {
      return Finding.ok(INCIDENT, node, "no file system is " + limit + " % full");
    }
    Optional<Folder> most = onFullest().stream().filter(one -> one.takes() != null).findFirst();
    return Finding.of(
        full.worst() >= critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%s is %d %% full%s, %s are left%s"
            .formatted(
                full.fileSystem(),
                full.worst(),
                full.inodes() > full.percent() ? " by inodes" : "",
                full.free(),
                most.map(one -> "; " + one.what() + " takes " + one.takes()).orElse("")));
  }
}
