package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * The log files that a server has rotated away. Only they may be removed by age: WAL, archives and
 * backups never.
 *
 * @param node the server
 * @param folder where they are
 * @param files the oldest first
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-logging.html">log_directory
 *     </a>
 */
public record ServerLogs(Node node, String folder, List<LogFile> files) {
  private static final String USUAL = "log";

  /** Never the newest file, nor those that the server says it writes, nor a folder of its data. */
  private static final String LIST =
      """
      data=$1 log=$2 minutes=$3
      case $log in /*) ;; *) log=$data/$log ;; esac
      [ -d "$log" ] || exit 0
      current=$(cat "$data/current_logfiles" 2>/dev/null | sed 's/^[^ ]* //; s/.*\\///')
      cd "$log" || exit
      [ ! -e PG_VERSION ] && [ ! -d archive_status ] || exit 0
      pwd -P
      newest=$(ls -t | head -n 1)
      find . -maxdepth 1 -type f -mmin "+$minutes" -printf '%T@ %s %TY-%Tm-%Td %f\\n' | sort -n |
      while read -r at size day name; do
          case $name in *.log|*.csv|*.json|*.log.gz|*.csv.gz|*.json.gz) ;; *) continue ;; esac
          [ "$name" != "$newest" ] && ! printf '%s\\n' "$current" | grep -qxF -- "$name" || continue
          printf '%s\\t%s\\t%s\\n' "$size" "$day" "$name"
      done
      exit 0
      """;

  /** Only what still is of the size that it had when it was looked at. */
  private static final String REMOVE =
      """
      cd "$1" || exit
      shift
      while [ $# -gt 1 ]; do
          [ "$(stat -c %s -- "$2" 2>/dev/null)" != "$1" ] || rm -f -- "./$2" || exit
          shift 2
      done
      """;

  /**
   * A log file.
   *
   * @param name its name
   * @param size what it takes
   * @param day when it was written last
   */
  public record LogFile(String name, DataSize size, String day) {}

  /** Where the server's logs are, relative to its data directory, or where they usually are. */
  static String folder(Node node) {
    try {
      return node.getSql().value(String.class, "select current_setting('log_directory')");
    } catch (Problem e) {
      return USUAL; // a server whose disk is full may answer nobody
    }
  }

  static ServerLogs of(Node node, Duration older) {
    Command list =
        Command.probeScript(
            LIST,
            node.getPostmaster().getData(),
            folder(node),
            String.valueOf(Math.max(1, older.toMinutes())));
    List<String> lines = node.getSsh().run(list).lines();
    return new ServerLogs(
        node,
        lines.isEmpty() ? "" : lines.getFirst(),
        lines.stream()
            .skip(1)
            .map(line -> line.split("\t", 3))
            .map(parts -> new LogFile(parts[2], new DataSize(Long.parseLong(parts[0])), parts[1]))
            .toList());
  }

  /** What they take. */
  public DataSize total() {
    return new DataSize(files.stream().mapToLong(file -> file.size().bytes()).sum());
  }

  /** Removes them. */
  void remove() {
    List<String> arguments = new ArrayList<>(List.of(folder));
    files.forEach(
        file -> {
          arguments.add(String.valueOf(file.size().bytes()));
          arguments.add(file.name());
        });
    Doubt.repeatable(
        () -> {
          node.getSsh().run(Command.changeScript(REMOVE, arguments.toArray(String[]::new)));
        });
  }
}
