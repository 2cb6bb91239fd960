package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * Who wanted to log in and could not, as far as the server's log on its host tells: no statistics
 * view counts them.
 *
 * @param node the server
 * @param window how far back it was looked
 * @param limit how many in an hour are too many
 * @param file the log; null if it is not on its host
 * @param reserves what cannot be known, and how it could
 * @param groups by who, from where and why; the most first
 */
public record FailedLogins(
    Node node,
    Duration window,
    long limit,
    String file,
    List<String> reserves,
    List<Group> groups) {
  static final String INCIDENT = "failed-logins";

  /** So many times the limit is an emergency. */
  private static final int CRITICAL = 10;

  /** More lines are not read; what was before them is said to be unknown. */
  private static final int MOST = 20_000;

  /**
   * Failures alike.
   *
   * @param user who wanted in, as it was sent
   * @param host from where; {@code ?} if the log does not say
   * @param reason why not
   * @param count how often
   * @param last when it was the last time, in the log's time zone; empty if the log does not say
   */
  public record Group(String user, String host, String reason, long count, String last) {}

  static FailedLogins of(Server server, Duration window, long limit) {
    Row format = server.row(Question.LOG_FORMAT, String.valueOf(window.toSeconds()));
    ServerLog log = ServerLog.of(server.node(), LogLine.PATTERN, MOST);
    LogLine.Prefix prefix = LogLine.Prefix.of(format.text("prefix"));
    String since = format.text("since");
    List<LogLine> lines =
        log.lines().stream()
            .flatMap(line -> LogLine.of(line, prefix).stream())
            .filter(line -> line.time().isEmpty() || line.time().compareTo(since) >= 0)
            .toList();
    return new FailedLogins(
        server.node(),
        window,
        limit,
        log.file(),
        reserves(log, prefix, lines, format.text("language")),
        groups(lines));
  }

  private static List<String> reserves(
      ServerLog log, LogLine.Prefix prefix, List<LogLine> lines, String language) {
    List<String> reserves = new ArrayList<>();
    if (log.file() == null) {
      reserves.add("its log is not on its host: it goes to syslog, the journal or elsewhere");
      return reserves;
    }
    if (!language.matches("(C|POSIX|en.*|)")) {
      reserves.add("its messages are in " + language + ", of which only English ones are counted");
    }
    if (!prefix.tellsHost() && lines.stream().anyMatch(it -> it.host().equals(LogLine.UNKNOWN))) {
      reserves.add(
          "from where they came is not in its log: ALTER SYSTEM SET log_line_prefix = '%m [%p]"
              + " %q%u@%d %r '");
    }
    if (lines.stream().anyMatch(line -> line.time().isEmpty())) {
      reserves.add("its log has no times: all that is in it counts");
    }
    if (log.lines().size() >= MOST) {
      reserves.add("only the last " + MOST + " lines of them were read");
    }
    return reserves;
  }

  private static List<Group> groups(List<LogLine> lines) {
    Map<List<String>, List<LogLine>> alike =
        lines.stream()
            .collect(
                Collectors.groupingBy(
                    line -> List.of(line.user(), line.host(), line.reason()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return alike.entrySet().stream()
        .map(
            entry ->
                new Group(
                    entry.getKey().get(0),
                    entry.getKey().get(1),
                    entry.getKey().get(2),
                    entry.getValue().size(),
                    entry.getValue().getLast().time()))
        .sorted(Comparator.comparingLong(Group::count).reversed())
        .toList();
  }

  /** How many there were. */
  public long total() {
    return groups.stream().mapToLong(Group::count).sum();
  }

  /** What was found out. */
  public Finding finding() {
    if (file == null) {
      return Finding.ok(INCIDENT, node, "nobody can tell from its host: " + reserves.getFirst());
    }
    double perHour = total() * 3600.0 / Math.max(1, window.toSeconds());
    if (perHour < limit) {
      return Finding.ok(INCIDENT, node, "fewer than " + limit + " logins failed in an hour");
    }
    Group most = groups.getFirst();
    return Finding.of(
        perHour >= (double) limit * CRITICAL ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%d logins failed in %s, %d of them of user \"%s\" from %s: %s"
            .formatted(
                total(),
                Durations.show(window),
                most.count(),
                most.user(),
                most.host().equals(LogLine.UNKNOWN) ? "somewhere" : most.host(),
                most.reason()));
  }
}
