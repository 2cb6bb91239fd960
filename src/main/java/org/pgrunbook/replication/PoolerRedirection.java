package org.pgrunbook.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Pooler;
import org.pgrunbook.postgres.Pooler.Database;
import org.pgrunbook.ssh.Command;

/**
 * Makes a pooler lead its clients to another node: changes the addresses in its configuration file,
 * lets it read that, and sees to it that nobody stays on the old node.
 *
 * @see <a href="https://www.pgbouncer.org/usage.html#reload">RELOAD</a>
 */
final class PoolerRedirection {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(20);

  /** How long a connection to the old node may take to end by itself. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  /** Owner and mode stay, a link stays a link, and nobody ever reads half of the file. */
  private static final String WRITE =
      """
      file=$(readlink -f -- "$1") || exit
      [ "$(sha256sum <"$file")" = "$2  -" ] || { echo 'it was changed meanwhile' >&2; exit 1; }
      cp --preserve=mode,ownership -- "$file" "$file.pgrunbook" && cat >"$file.pgrunbook" \\
          && sync "$file.pgrunbook" && mv -- "$file.pgrunbook" "$file"
      """;

  private final Pooler pooler;
  private final Node from;
  private final Node to;

  PoolerRedirection(Pooler pooler, Node from, Node to) {
    this.pooler = pooler;
    this.from = from;
    this.to = to;
  }

  /** A pooler that cannot be told is one more thing to repair, and holds nothing up. */
  Told perform() {
    try {
      redirect();
      return new Told(pooler.toString(), true, "");
    } catch (Problem e) {
      if (e.exit() == Exit.INTERRUPTED) {
        throw e;
      }
      pooler.run().journal().warn("pooler " + pooler + " does not lead to " + to + ": " + e.fact());
      return new Told(pooler.toString(), false, e.fact());
    }
  }

  private void redirect() {
    edit();
    pooler.tell("RELOAD", LIMIT);
    pooler
        .run()
        .means()
        .outcome("pooler " + pooler + " leads to " + to, () -> awaitThat(this::leadsThere, LIMIT));
    if (pooler.run().means().isDry()) {
      return;
    }
    if (!awaits(() -> stuck().isEmpty(), GRACE)) {
      cut(stuck());
    }
    if (!awaits(this::nobodyWaits, Duration.ZERO)) {
      hurry();
    }
  }

  private void edit() {
    PgBouncerIni ini = read(pooler);
    PgBouncerIni there = ini.redirected(host(from), port(from), host(to), port(to));
    if (there.equals(ini)) {
      return;
    }
    List<String> arguments = new ArrayList<>(List.of(pooler.spec().config(), ini.sha256()));
    ini.databasesAt(host(from), port(from))
        .forEach(name -> arguments.add(name + " = host=" + host(to) + " port=" + port(to)));
    pooler
        .getSsh()
        .run(
            Command.changeScript(WRITE, arguments.toArray(String[]::new))
                .stdin(there.bytes())
                .sudo());
  }

  /** The configuration file; the passwords in it are struck out wherever they turn up. */
  static PgBouncerIni read(Pooler pooler) {
    Command cat = Command.probe("cat", "--", pooler.spec().config()).sudo();
    PgBouncerIni ini = PgBouncerIni.of(pooler.getSsh().run(cat).bytes());
    ini.passwords().forEach(pooler.run().secrets()::register);
    return ini;
  }

  private boolean leadsThere() {
    return pooler.databasesOn(from).isEmpty() && !pooler.databasesOn(to).isEmpty();
  }

  /** The databases with connections that should be closed, and are not: their server is silent. */
  private List<Database> stuck() {
    Set<String> waiting =
        pooler.show("SERVERS").stream()
            .filter(row -> "1".equals(row.get("close_needed")))
            .map(row -> row.get("database"))
            .collect(Collectors.toSet());
    return waiting.isEmpty()
        ? List.of()
        : pooler.databasesOn(to).stream().filter(it -> waiting.contains(it.name())).toList();
  }

  /** Their transactions are lost with their server; whoever waits for it would wait for long. */
  private void cut(List<Database> stuck) {
    for (Database database : stuck) {
      pooler
          .run()
          .journal()
          .warn(
              "pooler %s: the clients of \"%s\" waited for %s, and were cut off"
                  .formatted(pooler, database.name(), from));
      pooler.tell("KILL " + PoolerPause.quoted(database), LIMIT);
      pooler.tell("RESUME " + PoolerPause.quoted(database), LIMIT);
    }
  }

  /** Those that are held back wait for us, and not for a connection. */
  private boolean nobodyWaits() {
    List<String> led =
        pooler.databasesOn(to).stream().filter(it -> !it.paused()).map(Database::name).toList();
    return pooler.show("POOLS").stream()
        .filter(row -> led.contains(row.get("database")))
        .allMatch(row -> row.get("cl_waiting").equals("0"));
  }

  /**
   * After a login that failed PgBouncer makes no other for 15 s, wherever it would go by now. It
   * forgets that with the first that succeeds.
   */
  private void hurry() {
    String usual = pooler.setting("server_login_retry");
    pooler.tell("SET server_login_retry = 0", LIMIT);
    try {
      awaits(this::nobodyWaits, LIMIT);
    } finally {
      pooler.tell("SET server_login_retry = '" + usual + "'", LIMIT);
    }
  }

  private void awaitThat(BooleanSupplier condition, Duration limit) {
    if (!awaits(condition, limit)) {
      throw Problem.failed(
          "it has read its configuration, and does not show %s:%d; is \"%s\" the file it reads?"
              .formatted(host(to), port(to), pooler.spec().config()));
    }
  }

  private boolean awaits(BooleanSupplier condition, Duration limit) {
    long start = pooler.run().time().nanos();
    while (!condition.getAsBoolean()) {
      if (pooler.run().time().since(start).compareTo(limit) > 0) {
        return false;
      }
      pooler.run().time().sleep(POLL);
    }
    return true;
  }

  private static String host(Node node) {
    return node.spec().host();
  }

  private static int port(Node node) {
    return node.spec().sql().port();
  }
}
