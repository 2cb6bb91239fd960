package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * A setting of a server that a playbook changes.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-altersystem.html">ALTER SYSTEM</a>
 */
final class Configuration {
  private static final Pattern NAME = Pattern.compile("[a-z_]+(\\.[a-z_]+)?");
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(50);

  private final Node node;
  private final String name;

  Configuration(Node node, String name) {
    if (!NAME.matcher(name).matches()) {
      throw Problem.usage("\"" + name + "\" is no name of a setting");
    }
    this.node = node;
    this.name = name;
  }

  String value() {
    return row().text("value");
  }

  /** Writes it into postgresql.auto.conf, and waits until new sessions see it. */
  void set(String value) {
    requireMay();
    Instant before = loaded();
    Doubt.repeatable(
        () -> {
          node.getSql()
              .execute("alter system set %s = '%s'".formatted(name, value.replace("'", "''")));
          node.getSql().execute("select pg_reload_conf()");
        });
    node.run()
        .means()
        .outcome("%s of %s is %s".formatted(name, node, value), () -> awaitReload(before));
  }

  /** Lets the server read its files, and waits until it has. */
  static void reload(Node node) {
    Configuration any = new Configuration(node, "work_mem");
    any.requireMayReload(Server.of(node), any.row());
    Instant before = any.loaded();
    Doubt.repeatable(() -> node.getSql().execute("select pg_reload_conf()"));
    node.run().means().outcome(node + " has read its files", () -> any.awaitReload(before));
  }

  private void requireMay() {
    Server server = Server.of(node);
    Row row = row();
    if (!row.bool("may_set")) {
      throw Problem.refused("role \"%s\" must not set %s".formatted(server.role(), name))
          .hint(
              "Allow it: GRANT ALTER SYSTEM ON PARAMETER %s TO \"%s\";"
                  .formatted(name, server.role()))
          .state("nothing was changed");
    }
    requireMayReload(server, row);
  }

  private void requireMayReload(Server server, Row row) {
    if (!row.bool("may_reload")) {
      throw Problem.refused(
              "role \"%s\" must not let the server read its configuration".formatted(server.role()))
          .hint(
              "Allow it: GRANT EXECUTE ON FUNCTION pg_reload_conf() TO \"%s\";"
                  .formatted(server.role()))
          .state("nothing was changed");
    }
  }

  private Instant loaded() {
    return node.getSql().value(Instant.class, "select pg_conf_load_time()");
  }

  /** The server reads its files a moment after it was told to. */
  private void awaitReload(Instant before) {
    if (!node.run().time().until(() -> loaded().isAfter(before), LIMIT, POLL)) {
      throw Problem.failed(node + " does not read its configuration")
          .hint("Look into pg_file_settings for an error.");
    }
  }

  private Row row() {
    return node.getSql().row(Question.SETTING.text(), name, name);
  }
}
