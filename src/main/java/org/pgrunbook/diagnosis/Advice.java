package org.pgrunbook.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.pgrunbook.inventory.ClusterSpec;

/** What can be done about connections that run out: it depends on who holds them, and how. */
final class Advice {
  private static final Pattern PLAIN_NAME = Pattern.compile("[a-z_][a-z0-9_]*");

  private final ClusterSpec cluster;
  private final Clients clients;
  private final List<Rung> ladder = new ArrayList<>();

  Advice(ClusterSpec cluster, Clients clients) {
    this.cluster = cluster;
    this.clients = clients;
  }

  /**
   * The ladder, the safest rung first.
   *
   * @param stuck sessions that sit idle in a transaction and may be ended
   * @param idle idle sessions of one application that may be ended
   * @param again the command that ends them
   */
  List<Rung> ladder(List<Backend> stuck, List<Backend> idle, String again) {
    add("ask the owners of the sessions above", "nothing", "-");
    if (!cluster.poolers().isEmpty()) {
      add(
          "let the pooler queue its clients",
          "clients wait",
          "PAUSE; at its console, later RESUME;");
    }
    if (!stuck.isEmpty()) {
      add("end those idle in a transaction", "their work is rolled back", again);
    }
    if (!idle.isEmpty()) {
      String application = idle.getFirst().application();
      add(
          "end idle ones of " + application,
          "an error when next used",
          again
              + " -p application="
              + (application.contains(" ") ? "'" + application + "'" : application));
    }
    clients.groups().stream().findFirst().ifPresent(this::aboutTheMost);
    add(
        "raise max_connections, the standbys first",
        "restarts",
        "ALTER SYSTEM SET max_connections = n;");
    return List.copyOf(ladder);
  }

  private void aboutTheMost(Clients.Group most) {
    String role = quoted(most.user());
    boolean superuser =
        clients.all().stream().anyMatch(one -> most.user().equals(one.user()) && one.superuser());
    if (superuser) {
      add(
          "give the application a role that is no superuser: no limit holds those",
          "its logins, until they are changed",
          "CREATE ROLE name LOGIN;");
    } else {
      add("limit the role", "its new logins fail", "ALTER ROLE " + role + " CONNECTION LIMIT n;");
    }
    if (most.state().startsWith("idle in transaction")) {
      add(
          "let the server end transactions that idle",
          "applications that think in transactions; only new sessions",
          "ALTER ROLE " + role + " SET idle_in_transaction_session_timeout = '5min';");
    } else if (most.state().equals("idle")) {
      add(
          "let the server end what is idle",
          "poolers lose servers; only new sessions",
          "ALTER ROLE " + role + " SET idle_session_timeout = '1h';");
    }
  }

  private void add(String next, String breaks, String command) {
    ladder.add(new Rung(next, breaks, command));
  }

  private static String quoted(String name) {
    return PLAIN_NAME.matcher(name).matches() ? name : "\"" + name.replace("\"", "\"\"") + "\"";
  }
}
