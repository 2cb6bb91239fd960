package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * The standbys that have to confirm each commit. If too few of them are there every commit waits,
 * while reads go on.
 *
 * @param node the server
 * @param names {@code synchronous_standby_names}; empty: commits wait for nobody
 * @param required how many of them have to confirm
 * @param present how many do
 * @param streaming all standbys that stream, by their application_name
 * @param waiting how many sessions wait for a confirmation at this moment
 * @param longest how long one of them has waited at most; null if none does
 * @see <a href="https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION">
 *     Synchronous replication</a>
 */
public record SyncStandbys(
    Node node,
    String names,
    int required,
    int present,
    List<String> streaming,
    int waiting,
    Duration longest) {
  static final String INCIDENT = "sync-standby-lost";

  /** {@code ANY 2 (a, b, c)}, {@code FIRST 1 (a)}, {@code 2 (a, b)}; a bare list wants one. */
  private static final Pattern NUMBER =
      Pattern.compile("(?i)\\s*(?:any\\s+|first\\s+)?(\\d+)\\s*\\(.*");

  static SyncStandbys of(Server server) {
    server.requirePrimary();
    Row row = server.row(Question.SYNC_STANDBYS);
    String names = row.text("names");
    return new SyncStandbys(
        server.node(),
        names,
        required(names),
        row.as(Integer.class, "present"),
        row.list("streaming").stream().map(String::valueOf).toList(),
        row.as(Integer.class, "waiting"),
        row.duration("longest"));
  }

  static int required(String names) {
    Matcher number = NUMBER.matcher(names);
    return names.isBlank() ? 0 : number.matches() ? Integer.parseInt(number.group(1)) : 1;
  }

  /** Whether a commit can be confirmed. */
  public boolean isComplete() {
    return present >= required;
  }

  /** What was found out. */
  public Finding finding() {
    if (required == 0) {
      return Finding.ok(INCIDENT, node, "commits wait for no standby");
    }
    if (isComplete()) {
      return Finding.ok(INCIDENT, node, "the standbys that confirm commits are there");
    }
    return Finding.of(
        Verdict.CRIT,
        INCIDENT,
        node,
        "%d of '%s' must confirm each commit, %s; %s"
            .formatted(
                required,
                names,
                present == 0 ? "none is there" : "only " + present + " is there",
                waiting == 0
                    ? "every commit will wait"
                    : "%d commits wait, the longest for %s"
                        .formatted(waiting, Durations.show(longest))));
  }
}
