package org.pgrunbook.postgres;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.journal.Run;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.ssh.Output;
import org.pgrunbook.ssh.Ssh;

/**
 * A PgBouncer, live. Its admin console is spoken to by {@code psql} on its host, so it need not
 * listen to anybody else; the JDBC driver cannot, for it begins with a SET that the console
 * refuses. Nothing is connected before it is needed.
 *
 * @see <a href="https://www.pgbouncer.org/usage.html#admin-console">Admin console</a>
 */
public final class Pooler implements AutoCloseable {

  /**
   * A database as a PgBouncer offers it to its clients.
   *
   * @param name what clients call it
   * @param host where it really is; empty: a Unix socket of the pooler's host
   * @param port its server's port
   * @param mode {@code session}, {@code transaction} or {@code statement}: when a client gives its
   *     connection to the server back; empty: as the pooler's {@code pool_mode} says
   * @param paused whether its clients are held back
   * @see <a href="https://www.pgbouncer.org/usage.html#show-databases">SHOW DATABASES</a>
   */
  public record Database(String name, String host, int port, String mode, boolean paused) {
    /** Whether it is on a node, by the address that the inventory gives that. */
    public boolean isOn(Node node) {
      return host.equals(node.spec().host()) && port == node.spec().sql().port();
    }
  }

  /** The name under which every PgBouncer offers its console. */
  private static final String CONSOLE = "pgbouncer";

  private static final Duration SHOW = Duration.ofSeconds(10);

  private final String cluster;
  private final ClusterSpec.Pooler spec;
  private final List<Node> nodes;
  private final Run run;
  private final Ssh ssh;

  Pooler(String cluster, ClusterSpec.Pooler spec, List<Node> nodes, Run run) {
    this.cluster = cluster;
    this.spec = spec;
    this.nodes = nodes;
    this.run = run;
    this.ssh = new Ssh(fullName(), spec.ssh(), run);
  }

  /** What the inventory declares. */
  public ClusterSpec.Pooler spec() {
    return spec;
  }

  /** For verbs: the run that uses it. */
  public Run run() {
    return run;
  }

  /** Its host. */
  public Ssh getSsh() {
    return ssh;
  }

  /**
   * What a SHOW command of its admin console tells: rows by column name, as text.
   *
   * @param what such as {@code POOLS}
   * @throws Problem with exit 5 if its host cannot be reached, 1 if it does not answer within 10 s
   */
  public List<Map<String, String>> show(String what) {
    List<List<String>> lines =
        run(Command.probe(psql("SHOW " + what)).timeout(SHOW)).lines().stream()
            .map(line -> List.of(line.split("\0", -1)))
            .toList();
    return lines.stream().skip(1).map(values -> row(lines.getFirst(), values)).toList();
  }

  /**
   * A setting of its own.
   *
   * @throws Problem with exit 1 if it has no such setting
   */
  public String setting(String name) {
    return show("CONFIG").stream()
        .filter(row -> name.equals(row.get("key")))
        .map(row -> row.get("value"))
        .findFirst()
        .orElseThrow(() -> Problem.failed("pooler " + this + " has no setting " + name));
  }

  private static Map<String, String> row(List<String> names, List<String> values) {
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      row.put(names.get(i), values.get(i));
    }
    return row;
  }

  /**
   * Gives its admin console a command that changes something.
   *
   * @param limit how long it may take
   * @throws Problem with exit 5 if its host cannot be reached, 1 if it refuses or takes too long
   */
  @Changes
  public void tell(String command, Duration limit) {
    run(Command.change(psql(command)).timeout(limit));
  }

  private String[] psql(String command) {
    return new String[] {
      "psql",
      "--no-psqlrc",
      "--no-password",
      "--no-align",
      "--field-separator-zero",
      "--pset=footer=off",
      "--command=" + command,
      conninfo()
    };
  }

  /** How a libpq program on its host reaches its admin console; see {@link #run(Command)}. */
  public String conninfo() {
    return "host=%s port=%d user=%s dbname=%s connect_timeout=5"
        .formatted(spec.host(), spec.port(), spec.user(), CONSOLE);
  }

  /** Runs a libpq program on its host, with the password of its admin console, if it has one. */
  public Output run(Command command) {
    return ssh.run(
        spec.password()
            .map(secret -> command.password(secret.resolve(run.secrets())))
            .orElse(command));
  }

  /** What it offers, but for its own console. */
  public List<Database> getDatabases() {
    return show("DATABASES").stream()
        .filter(row -> !CONSOLE.equals(row.get("name")))
        .map(
            row ->
                new Database(
                    row.get("name"),
                    row.get("host"),
                    Integer.parseInt(row.get("port")),
                    row.get("pool_mode"),
                    !row.get("paused").equals("0")))
        .toList();
  }

  /** Those of its databases that are on a node, by the address that the inventory gives it. */
  public List<Database> databasesOn(Node node) {
    return databasesOn(List.of(node));
  }

  /** Those of its databases that are on any node of the cluster; it may serve others, too. */
  public List<Database> databasesOfCluster() {
    return databasesOn(nodes);
  }

  private List<Database> databasesOn(List<Node> wanted) {
    return getDatabases().stream()
        .filter(database -> wanted.stream().anyMatch(database::isOn))
        .toList();
  }

  /** The name by which it is journalled, {@code orders/10.0.1.20:6432}. */
  public String fullName() {
    return cluster + "/" + this;
  }

  @Override
  public String toString() {
    return spec.host() + ":" + spec.port();
  }

  @Override
  public void close() {
    ssh.close();
  }
}
