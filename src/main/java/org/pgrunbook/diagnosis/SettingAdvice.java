package org.pgrunbook.diagnosis;

import java.util.List;
import java.util.regex.Pattern;
import org.pgrunbook.postgres.Node;

/**
 * Settings that a server would be better off with another value of. What depends on its machine and
 * its work, such as shared_buffers, is none of them.
 *
 * @param node the server
 * @param settings the worst first
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config.html">Server
 *     configuration</a>
 */
public record SettingAdvice(Node node, List<Setting> settings) {
  private static final String INCIDENT = "settings";
  private static final Pattern VALUE = Pattern.compile("[\\w.-]+");

  /**
   * A setting.
   *
   * @param name as pg_settings has it
   * @param value what it is
   * @param better what it should be
   * @param because the reason
   * @param critical whether data may be lost by it
   * @param restart whether only a restart brings a change in force
   */
  public record Setting(
      String name, String value, String better, String because, boolean critical, boolean restart) {
    private String command() {
      return VALUE.matcher(better).matches()
          ? "ALTER SYSTEM SET %s = '%s'; %s"
              .formatted(name, better, restart ? "then restart it" : "SELECT pg_reload_conf();")
          : "set it to " + better;
    }
  }

  static SettingAdvice of(Server server) {
    return new SettingAdvice(
        server.node(),
        server.rows(Question.SETTINGS).stream()
            .map(
                row ->
                    new Setting(
                        row.text("name"),
                        row.text("value"),
                        row.text("better"),
                        row.text("because"),
                        row.bool("critical"),
                        row.bool("restart")))
            .toList());
  }

  /** What was found out. */
  public Finding finding() {
    if (settings.isEmpty()) {
      return Finding.ok(INCIDENT, node, "nothing speaks against any setting");
    }
    Setting first = settings.getFirst();
    return new Finding(
        first.critical() ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%s is %s: %s%s"
            .formatted(
                first.name(),
                first.value(),
                first.because(),
                settings.size() == 1 ? "" : "; and %d more".formatted(settings.size() - 1)),
        first.command());
  }
}
