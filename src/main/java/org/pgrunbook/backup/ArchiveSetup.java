package org.pgrunbook.backup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * How a server archives, and how it is to: into the spool of its host.
 *
 * @param node the server
 * @param spool the spool's path on the host
 * @param spoolMode its mode as the host shows it, {@code 700}; empty if there is none
 * @param settings those that are not as they are to be
 * @param before what {@code postgresql.auto.conf} said of the settings that are looked at
 */
public record ArchiveSetup(
    Node node, String spool, String spoolMode, List<Setting> settings, Map<String, String> before) {
  private static final String SPOOL_MODE = "700";

  private static final Duration RELOAD = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Only who runs the server may look into the WAL: all data pass through it. */
  private static final String MAKE_SPOOL =
      "mkdir -p -m 0700 -- \"$1\" && chmod \"$2\" -- \"$1\" && sync \"$1\"";

  /**
   * A setting that is not as it is to be.
   *
   * @param name its name
   * @param is its value
   * @param wanted the value that it is to have
   * @param where what it comes from: a file and line, or {@code default}
   * @param written whether it is written down already, and only the restart is missing
   * @param restart whether it takes effect at the next start only
   */
  public record Setting(
      String name, String is, String wanted, String where, boolean written, boolean restart) {}

  /**
   * A line of a table.
   *
   * @param node the server
   * @param what a setting, or the spool
   * @param is what there is
   * @param becomes what there should be
   * @param setBy where the present value comes from
   * @param takesEffect at once, or at a restart
   */
  public record Difference(
      Node node, String what, String is, String becomes, String setBy, String takesEffect) {}

  /** What differs, the spool too. */
  public List<Difference> differences() {
    List<Difference> result = new ArrayList<>();
    if (!spoolMode.equals(SPOOL_MODE)) {
      String is = spoolMode.isEmpty() ? "not there" : "mode " + spoolMode;
      result.add(new Difference(node, spool, is, "mode " + SPOOL_MODE, "-", "at once"));
    }
    for (Setting it : settings) {
      result.add(
          new Difference(
              node,
              it.name(),
              shown(it.name(), it.is()),
              // Two hundred characters that say nothing to whoever compares.
              it.name().equals("archive_command")
                  ? "into the spool"
                  : shown(it.name(), it.wanted()),
              it.where(),
              it.restart() ? "at a restart" : "at once"));
    }
    return result;
  }

  private static String shown(String name, String value) {
    return value.isEmpty() ? "-" : name.equals("archive_timeout") ? value + "s" : value;
  }

  /** The archive_command that is to be; null if it is that already. */
  public String command() {
    return settings.stream()
        .filter(it -> it.name().equals("archive_command"))
        .map(Setting::wanted)
        .findFirst()
        .orElse(null);
  }

  /** Whether something has to be written or made. */
  public boolean isToBeChanged() {
    return !spoolMode.equals(SPOOL_MODE) || settings.stream().anyMatch(it -> !it.written());
  }

  /** Whether a setting waits for a restart, or will. */
  public boolean needsRestart() {
    return settings.stream().anyMatch(Setting::restart);
  }

  /** What archives now and is not ours; null if nothing does. */
  public String replaced() {
    return settings.stream()
        .filter(it -> it.name().equals("archive_command") || it.name().equals("archive_library"))
        .filter(it -> !it.is().isEmpty())
        .map(it -> it.name() + " \"" + it.is() + "\"")
        .findFirst()
        .orElse(null);
  }

  /**
   * Makes the spool and writes the settings by ALTER SYSTEM; nothing is restarted.
   *
   * @throws Problem with exit 1 if one has not taken effect, saying where it is set otherwise
   */
  @Changes
  public void apply() {
    Doubt.repeatable(
        () -> {
          if (!spoolMode.equals(SPOOL_MODE)) {
            chmod(SPOOL_MODE);
          }
          settings.stream().filter(it -> !it.written()).forEach(it -> set(it.name(), it.wanted()));
          reload();
          return null;
        });
    node.run()
        .means()
        .outcome("what needs no restart is in effect on " + node, this::requireInEffect);
  }

  /**
   * Sets everything as it was; a spool that was made stays, as something may be in it. Warns of
   * what a restart has brought into effect, which lasts until the next one.
   */
  @Changes
  public void takeBack() {
    Doubt.repeatable(
        () -> {
          if (!spoolMode.isEmpty() && !spoolMode.equals(SPOOL_MODE)) {
            chmod(spoolMode);
          }
          for (Setting setting : settings) {
            if (setting.written()) {
              continue;
            }
            String was = before.get(setting.name());
            if (was == null) {
              node.getSql().execute("alter system reset " + setting.name());
            } else {
              set(setting.name(), was);
            }
          }
          reload();
          return null;
        });
    tellWhatStays();
  }

  private void tellWhatStays() {
    List<String> still =
        settings.stream()
            .filter(it -> it.restart() && !it.written() && ArchiveReading.isActive(node, it))
            .map(Setting::name)
            .toList();
    if (still.isEmpty()) {
      return;
    }
    // A server that is to archive, and has nothing to do it with, keeps all of its WAL.
    boolean keepsAll = still.contains("archive_mode") && command() != null && replaced() == null;
    node.run()
        .journal()
        .warn(
            "%s of %s lasts until a restart%s"
                .formatted(
                    String.join(" and ", still),
                    node,
                    keepsAll ? ": until then it keeps all its WAL, which nothing archives" : ""));
  }

  private void chmod(String mode) {
    node.getSsh().run(Command.changeScript(MAKE_SPOOL, spool, mode));
  }

  private void set(String name, String value) {
    node.getSql().execute("alter system set %s = '%s'".formatted(name, value.replace("'", "''")));
  }

  private void reload() {
    node.getSql().execute("select pg_reload_conf()");
  }

  /** The server reads its files a moment after it was told to. */
  private void requireInEffect() {
    long start = node.run().time().nanos();
    List<Setting> left = notInEffect();
    while (!left.isEmpty()) {
      if (node.run().time().since(start).compareTo(RELOAD) > 0) {
        Setting first = left.getFirst();
        throw Problem.failed(
                "%s of %s has not taken effect: it was set by %s"
                    .formatted(first.name(), node, first.where()))
            .hint("The view pg_file_settings names each line that sets it, and errors.");
      }
      node.run().time().sleep(POLL);
      left = notInEffect();
    }
  }

  private List<Setting> notInEffect() {
    return settings.stream()
        .filter(it -> !it.restart() && !ArchiveReading.isActive(node, it))
        .toList();
  }
}
