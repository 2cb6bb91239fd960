package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * A client's session as its host shows it: by the title of its server process. That is all there is
 * to see of a server that lets nobody in any more.
 *
 * @param pid its process
 * @param user its role
 * @param database what it is connected to
 * @param client its address; {@code [local]} for a Unix socket
 * @param state {@code idle}, {@code idle in transaction}, or the command that it carries out
 * @param age how long it has been connected
 * @see <a href="https://www.postgresql.org/docs/current/monitoring-ps.html">Standard Unix tools</a>
 */
public record ServerProcess(
    long pid, String user, String database, String client, String state, Duration age) {

  /** {@code 4711 86 postgres: pg1: app shop 10.0.1.7(43210) idle in transaction}. */
  private static final Pattern SESSION =
      Pattern.compile(
          "\\s*(?<pid>\\d+)\\s+(?<age>\\d+)\\s+postgres: (?:\\S+: )?(?<user>\\S+) (?<database>\\S+)"
              + " (?<client>\\[local\\]|\\S+\\(\\d+\\)) (?<state>.+)");

  /** A walsender has its own title in the place of a user. */
  private static final String WALSENDER = "walsender";

  /**
   * The sessions of the server in a node's data directory, those that were connected first first.
   *
   * @throws Problem with exit 2 if the inventory does not say where that is, 5 if the host cannot
   *     be reached
   */
  static List<ServerProcess> of(Node node) {
    if (node.spec().data().isEmpty()) {
      throw Problem.usage("node \"" + node.fullName() + "\" has no data directory")
          .hint("Name it with the node's key data: a server that is full cannot be asked for it.");
    }
    List<Long> pids = node.getPostmaster().processes();
    if (pids.isEmpty()) {
      return List.of();
    }
    String list = pids.stream().map(String::valueOf).collect(Collectors.joining(","));
    // One that ended meanwhile is no failure.
    Command ps = Command.probe("ps", "-ww", "-o", "pid=,etimes=,args=", "-p", list).accept(0, 1);
    return node.getSsh().run(ps).lines().stream()
        .map(ServerProcess::parse)
        .flatMap(Optional::stream)
        .sorted(Comparator.comparing(ServerProcess::age).reversed())
        .toList();
  }

  static Optional<ServerProcess> parse(String line) {
    Matcher found = SESSION.matcher(line);
    return found.matches() && !found.group("user").equals(WALSENDER)
        ? Optional.of(
            new ServerProcess(
                Long.parseLong(found.group("pid")),
                found.group("user"),
                found.group("database"),
                found.group("client").replaceFirst("\\(\\d+\\)$", ""),
                found.group("state").strip(),
                Duration.ofSeconds(Long.parseLong(found.group("age")))))
        : Optional.empty();
  }
}
