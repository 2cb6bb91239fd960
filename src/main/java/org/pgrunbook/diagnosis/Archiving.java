package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * How a server archives its WAL. What is not archived stays in pg_wal until the disk is full, and
 * no restore leads past it.
 *
 * @param node the server
 * @param longer how long the archive may be behind while WAL waits for it
 * @param mode {@code archive_mode}
 * @param command {@code archive_command}
 * @param library {@code archive_library}; with both set the server refuses to archive from 16 on
 * @param last the file that was archived last
 * @param archived when that was
 * @param failing the file whose archiving failed since; null if none did
 * @param since for how long nothing has been archived; null if the server does not say
 * @param failures how often it failed since its statistics were reset
 * @param waiting how many files wait
 * @param systemIdentifier of the database system
 */
public record Archiving(
    Node node,
    Duration longer,
    String mode,
    String command,
    String library,
    String last,
    Instant archived,
    String failing,
    Duration since,
    long failures,
    long waiting,
    String systemIdentifier) {
  static final String INCIDENT = "archiver-failing";

  /** These say that all went well and keep nothing. */
  private static final Set<String> NOWHERE = Set.of("", "true", "/bin/true", "/usr/bin/true", ":");

  static Archiving of(Server server, Duration longer) {
    Row row = server.row(Question.ARCHIVING);
    return new Archiving(
        server.node(),
        longer,
        row.text("mode"),
        row.text("command"),
        row.text("library"),
        row.text("last"),
        row.instant("archived"),
        row.text("failing"),
        row.duration("since"),
        row.number("failures"),
        row.number("waiting"),
        row.text("system_identifier"));
  }

  /** Whether it archives at all: a standby does so only with archive_mode always. */
  public boolean isOn() {
    return !mode.equals("off");
  }

  /** Whether a command throws WAL away instead of keeping it. */
  public static boolean keepsNothing(String command) {
    return NOWHERE.contains(command.strip());
  }

  /** Whether all went well since something was archived. */
  public boolean isWell() {
    return failing == null && waiting == 0;
  }

  private boolean isLate() {
    return waiting > 0 && since != null && since.compareTo(longer) > 0;
  }

  /** What was found out. */
  public Finding finding() {
    if (!isOn()) {
      return Finding.ok(INCIDENT, node, "it archives nothing: archive_mode is off");
    }
    if (keepsNothing(command) && library.isEmpty()) {
      return Finding.of(
          Verdict.CRIT,
          INCIDENT,
          node,
          "the archive_command \"%s\" keeps nothing: no restore leads past the last backup"
              .formatted(command));
    }
    if (failing == null && !isLate()) {
      return Finding.ok(INCIDENT, node, "archiving works");
    }
    return Finding.of(
        isLate() ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%s, nothing has been archived for %s; %s"
            .formatted(
                failing == null ? "archiving does not go on" : failing + " cannot be archived",
                since == null ? "an unknown time" : Durations.show(since),
                waiting == 1 ? "1 file waits" : waiting + " files wait"));
  }
}
