package org.pgrunbook.diagnosis;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Command;

/**
 * What is in a server's configuration files and not in force.
 *
 * @param node the server
 * @param readable whether our role may look into the files; if not only what waits is known
 * @param mistakes what the server would not read, and not start with
 * @param unread files that were changed since the server read them
 * @param waiting settings that are read and wait for a restart
 * @see <a href="https://www.postgresql.org/docs/current/view-pg-file-settings.html">
 *     pg_file_settings</a>
 */
public record ConfigurationFiles(
    Node node,
    boolean readable,
    List<Mistake> mistakes,
    List<String> unread,
    List<String> waiting) {
  static final String INCIDENT = "configuration";

  /**
   * Something that is wrong.
   *
   * @param file its file
   * @param line its line
   * @param what the setting; null if it is none, or a rule of pg_hba.conf or pg_ident.conf
   * @param error what the server says of it
   */
  public record Mistake(String file, Long line, String what, String error) {
    /** {@code line 12 of /…/postgresql.conf, work_mem: …}. */
    @Override
    public String toString() {
      return "line %d of %s%s: %s".formatted(line, file, what == null ? "" : ", " + what, error);
    }
  }

  static ConfigurationFiles of(Server server) {
    boolean readable = server.may().contains("configuration_files");
    List<Mistake> mistakes = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    for (Row row : readable ? server.rows(Question.CONFIGURATION_FILES) : List.<Row>of()) {
      if (row.text("error") == null) {
        if (!row.bool("unsure") || changedAfter(server.node(), row)) {
          unread.add(row.text("file"));
        }
      } else {
        mistakes.add(
            new Mistake(row.text("file"), row.number("line"), row.text("what"), row.text("error")));
      }
    }
    return new ConfigurationFiles(
        server.node(),
        readable,
        List.copyOf(mistakes),
        List.copyOf(unread),
        server.row(Question.UNREAD_SETTINGS).list("waiting").stream()
            .map(String::valueOf)
            .toList());
  }

  /**
   * Whether a file that was changed in the very second in which the server read it was changed
   * after that: the server tells whole seconds, its host knows better. If that does not say, it was
   * not.
   */
  private static boolean changedAfter(Node node, Row row) {
    try {
      String changed =
          node.getSsh()
              .run(
                  Command.probe("stat", "--dereference", "--format=%.6Y", "--", row.text("file"))
                      .sudo())
              .text()
              .strip();
      return new BigDecimal(changed).compareTo(row.decimal("loaded")) > 0;
    } catch (Problem | NumberFormatException e) {
      return false;
    }
  }

  /** What was found out. */
  public Finding finding() {
    List<String> facts = new ArrayList<>();
    if (!mistakes.isEmpty()) {
      facts.add(
          "with what is in its files it reads nothing anew, and does not start: "
              + mistakes.getFirst()
              + (mistakes.size() == 1 ? "" : ", and " + (mistakes.size() - 1) + " more"));
    }
    if (!unread.isEmpty()) {
      facts.add("changed, and not read since: " + String.join(", ", unread));
    }
    if (!waiting.isEmpty()) {
      facts.add("changed, and not in force before a restart: " + String.join(", ", waiting));
    }
    if (facts.isEmpty()) {
      return Finding.ok(
          INCIDENT,
          node,
          readable
              ? "what is in its configuration files is in force"
              : "no setting waits for a restart; our role must not look into the files");
    }
    return Finding.of(
        mistakes.isEmpty() ? Verdict.WARN : Verdict.CRIT, INCIDENT, node, String.join("; ", facts));
  }
}
