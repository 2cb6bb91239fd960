package org.pgrunbook.diagnosis;

import java.util.List;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * What a server has written into its log, as far as it is on its host: the file that the collector
 * writes, else the one that its messages go to. What is in a log comes from clients too: it is
 * told, never run.
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-logging.html">Error
 *     reporting and logging</a>
 */
final class ServerLog {
  /** Of a large log only its end is read. */
  private static final String MOST = "67108864";

  private static final String FIND =
      """
      data=$1
      log=$(sed -n 's/^stderr //p; s/^jsonlog //p' "$data/current_logfiles" 2>/dev/null | head -n 1)
      case $log in '') ;; /*) ;; *) log=$data/$log ;; esac
      [ -n "$log" ] || log=$(readlink "/proc/$(head -n 1 "$data/postmaster.pid")/fd/2")
      [ -f "$log" ] || log=${data%/}.log
      [ -f "$log" ] || exit 0
      """;

  private static final String LINES =
      FIND
          + """
          printf '%s\\n' "$log"
          tail -c "$4" -- "$log" | LC_ALL=C grep -a -E -e "$2" | tail -n "$3" | tr -d '\\000'
          exit 0
          """;

  private final String file;
  private final List<String> lines;

  private ServerLog(List<String> said) {
    this.file = said.isEmpty() ? null : said.getFirst();
    this.lines = said.stream().skip(1).toList();
  }

  /**
   * The lines in which a pattern is.
   *
   * @param pattern an extended regular expression, as grep takes it
   * @param most no more than the last so many
   */
  static ServerLog of(Node node, String pattern, int most) {
    Command read =
        Command.probeScript(
            LINES, node.getPostmaster().getData(), pattern, String.valueOf(most), MOST);
    return new ServerLog(node.getSsh().run(read).lines());
  }

  /** Where it is; null if it was not found: it goes to syslog, the journal or a pipe. */
  String file() {
    return file;
  }

  /** Its lines, the oldest first. */
  List<String> lines() {
    return lines;
  }
}
