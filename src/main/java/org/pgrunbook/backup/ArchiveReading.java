package org.pgrunbook.backup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Command;

/** Looks at how a server archives, and at what stands against changing that. */
final class ArchiveReading {
  private static final Duration USUAL_TIMEOUT = Duration.ofMinutes(5);

  /** What the view shows of a command while archive_mode is off, whatever it is. */
  private static final String HIDDEN = "(disabled)";

  private static final Set<String> YES = Set.of("on", "true", "yes", "1");

  /**
   * Each setting with the value that works, the one that is written last in the files, and the one
   * in postgresql.auto.conf, which ALTER SYSTEM writes.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/view-pg-file-settings.html">pg_file_settings</a>
   */
  private static final String SETTINGS =
      """
      select name, setting, context = 'postmaster' as restart, source,
             coalesce(sourcefile || ':' || sourceline, source) as place,
             coalesce((select f.setting from pg_file_settings f where f.name = s.name
                       order by seqno desc limit 1), reset_val) as written,
             (select f.setting from pg_file_settings f where f.name = s.name
              and sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1) as auto
      from pg_settings s
      where name in ('archive_command', 'archive_library', 'archive_mode', 'archive_timeout', 'wal_level')
      order by name\
      """;

  /** Who runs the server and who we are, where the spool is, and its mode if it is there. */
  private static final String HOST =
      """
      case $2 in
          /*) spool=$2 ;;
          *)  spool=$(pwd -P)/$2 ;;
      esac
      stat -c %U -- "$1" && id -un && printf '%s\\n' "$spool" || exit
      [ ! -e "$spool" ] || stat -c %a -- "$spool"
      """;

  private final Node node;

  private ArchiveReading(Node node) {
    this.node = node;
  }

  /**
   * What is to be changed so that a server archives into its spool.
   *
   * @param timeout the archive_timeout; null: 5 minutes, unless there is one already (P36)
   * @throws Problem with exit 3 if it cannot be changed from here
   */
  static ArchiveSetup of(Node node, String spool, Duration timeout) {
    return new ArchiveReading(node).read(spool, timeout);
  }

  private ArchiveSetup read(String spool, Duration timeout) {
    requireAlterSystem();
    List<String> host = host(spool);
    Map<String, Row> rows = new LinkedHashMap<>();
    node.getSql().rows(SETTINGS).forEach(row -> rows.put(row.text("name"), row));
    requireOneArchiver(rows.get("archive_mode"));
    List<ArchiveSetup.Setting> settings = new ArrayList<>();
    wanted(new ArchiveCommand(host.get(2)), rows, timeout)
        .forEach(
            (name, value) -> {
              ArchiveSetup.Setting setting = setting(rows.get(name), value);
              if (!setting.is().equals(value)) {
                requireReachable(rows.get(name), setting);
                settings.add(setting);
              }
            });
    Map<String, String> before = new LinkedHashMap<>();
    rows.forEach(
        (name, row) -> {
          if (row.text("auto") != null) {
            before.put(name, row.text("auto"));
          }
        });
    return new ArchiveSetup(
        node, host.get(2), host.size() > 3 ? host.get(3) : "", settings, before);
  }

  private static Map<String, String> wanted(
      ArchiveCommand command, Map<String, Row> rows, Duration timeout) {
    Map<String, String> wanted = new LinkedHashMap<>();
    wanted.put("archive_command", command.text());
    wanted.put("archive_library", "");
    if (timeout != null) {
      wanted.put("archive_timeout", String.valueOf(timeout.toSeconds()));
    } else if (rows.get("archive_timeout").text("setting").equals("0")) {
      wanted.put("archive_timeout", String.valueOf(USUAL_TIMEOUT.toSeconds()));
    }
    if (rows.get("wal_level").text("setting").equals("minimal")) {
      wanted.put("wal_level", "replica");
    }
    wanted.put("archive_mode", "on");
    return wanted;
  }

  private static ArchiveSetup.Setting setting(Row row, String wanted) {
    String written = plain(row.text("name"), row.text("written"));
    boolean hidden = row.text("setting").equals(HIDDEN);
    String is = hidden ? written : plain(row.text("name"), row.text("setting"));
    return new ArchiveSetup.Setting(
        row.text("name"),
        is.equals(HIDDEN) ? "" : is,
        wanted,
        row.text("place"),
        row.bool("restart") && written.equals(wanted),
        row.bool("restart"));
  }

  private static String plain(String name, String value) {
    return name.equals("archive_mode") && YES.contains(value) ? "on" : value;
  }

  /** Whether a setting has its wanted value; the command is hidden as long as archiving is off. */
  static boolean isActive(Node node, ArchiveSetup.Setting setting) {
    String now =
        node.getSql()
            .value(String.class, "select setting from pg_settings where name = ?", setting.name());
    return now.equals(setting.wanted()) || now.equals(HIDDEN);
  }

  private void requireAlterSystem() {
    String allowed =
        node.getSql()
            .value(
                String.class, "select coalesce(current_setting('allow_alter_system', true), 'on')");
    if (!allowed.equals("on")) {
      throw Problem.refused("allow_alter_system of " + node + " is off")
          .hint("Whatever writes the server's configuration has to write these settings, too.")
          .hint("The README has the archive_command; this runbook proves it afterwards.")
          .state("nothing was changed");
    }
  }

  /** Two servers that archive the same WAL are in each other's way (P33). */
  private void requireOneArchiver(Row mode) {
    if (mode.text("setting").equals("always")) {
      throw Problem.refused("archive_mode of " + node + " is always: standbys archive as well")
          .hint("Set it to on: one archiver for one archive.")
          .state("nothing was changed");
    }
  }

  /** ALTER SYSTEM is stronger than every file, and weaker than the command line. */
  private void requireReachable(Row row, ArchiveSetup.Setting setting) {
    if (row.text("source").equals("command line")) {
      throw Problem.refused(
              "%s of %s is given on the server's command line: ALTER SYSTEM would have no effect"
                  .formatted(setting.name(), node))
          .hint("Take it out of what starts the server, such as its unit or pg_ctl -o.")
          .state("nothing was changed");
    }
  }

  private List<String> host(String spool) {
    String data = node.getSql().value(String.class, "select current_setting('data_directory')");
    List<String> host = node.getSsh().run(Command.probeScript(HOST, data, spool)).lines();
    if (!host.get(0).equals(host.get(1))) {
      throw Problem.refused(
              "the server of %s runs as user \"%s\", and SSH logs in as \"%s\""
                  .formatted(node, host.get(0), host.get(1)))
          .hint("Set user under ssh in the inventory: what the server leaves is its own.")
          .state("nothing was changed");
    }
    return host;
  }
}
