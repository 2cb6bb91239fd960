package org.pgrunbook.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Pooler;
import org.pgrunbook.postgres.Pooler.Database;
import org.pgrunbook.replication.Preflight.Check;
import org.pgrunbook.ssh.Command;

/** Whether a pooler's clients can be held back, and then be led to another node (P83). */
final class PoolerChecks {
  private static final String HOST =
      """
      file=$(readlink -f -- "$1") && [ -w "$file" ] && [ -w "${file%/*}" ] \\
          || { echo "$1 cannot be written"; exit; }
      """;

  private final Pooler pooler;
  private final Node primary;

  PoolerChecks(Pooler pooler, Node primary) {
    this.pooler = pooler;
    this.primary = primary;
  }

  List<Check> perform() {
    try {
      List<Database> led = pooler.databasesOn(primary);
      List<Check> checks = new ArrayList<>();
      checks.add(
          Check.refuses(
              led.isEmpty(),
              "pooler " + pooler + " leads to " + primary,
              led.isEmpty() ? "none of its databases: " + all() : names(led)));
      checks.add(pause(led));
      checks.add(host(led));
      return checks;
    } catch (Problem e) {
      return List.of(Check.refuses(true, "pooler " + pooler + " can be told", e.fact()));
    }
  }

  /** A pause waits until nobody uses a connection, which a client of a session does to its end. */
  private Check pause(List<Database> led) {
    String byDefault = pooler.setting("pool_mode");
    List<String> found =
        led.stream()
            .map(
                it ->
                    it.paused()
                        ? it.name() + " is paused already"
                        : "pool_mode " + (it.mode().isEmpty() ? byDefault : it.mode()))
            .distinct()
            .toList();
    return Check.refuses(
        found.contains("pool_mode session") || led.stream().anyMatch(Database::paused),
        "pooler " + pooler + " can hold its clients back",
        String.join(", ", found));
  }

  private Check host(List<Database> led) {
    String remark =
        pooler.getSsh().run(Command.probeScript(HOST, pooler.spec().config()).sudo()).text();
    List<String> written =
        PoolerRedirection.read(pooler)
            .databasesAt(primary.spec().host(), primary.spec().sql().port());
    String missing =
        led.stream()
            .map(Database::name)
            .filter(name -> !written.contains(name) && !written.contains("*"))
            .collect(Collectors.joining(", "));
    String found =
        !remark.isBlank()
            ? remark.strip()
            : missing.isEmpty()
                ? pooler.spec().config()
                : "%s does not say where %s is".formatted(pooler.spec().config(), missing);
    return Check.refuses(
        !remark.isBlank() || !missing.isEmpty(),
        "pooler " + pooler + " can be pointed elsewhere",
        found);
  }

  private String all() {
    return pooler.getDatabases().stream()
        .map(it -> "%s at %s:%d".formatted(it.name(), it.host(), it.port()))
        .collect(Collectors.joining(", "));
  }

  private static String names(List<Database> databases) {
    return databases.stream().map(Database::name).collect(Collectors.joining(", "));
  }
}
