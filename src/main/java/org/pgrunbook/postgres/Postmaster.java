package org.pgrunbook.postgres;

import java.time.Duration;
import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.Control;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Doubt.Settlement;
import org.pgrunbook.ssh.Command;

/**
 * The server processes of a node, seen and controlled over SSH: whether a server runs is asked of
 * the host's processes, not of a pid file, which lies after a crash.
 *
 * @see <a href="https://www.postgresql.org/docs/current/app-pg-ctl.html">pg_ctl</a>
 */
public final class Postmaster {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * Every process of a server works in its data directory, even in one that was deleted; the first
   * is the oldest, the postmaster.
   */
  private static final String PROCESSES =
      """
      data=$(readlink --canonicalize-missing -- "$1") || exit
      find /proc/[0-9]*/cwd -maxdepth 0 \\( -lname "$data" -o -lname "$data (deleted)" \\) 2>/dev/null |
      while IFS= read -r link; do
          process=${link%/cwd}
          [ "$(cat "$process/comm" 2>/dev/null)" = postgres ] && echo "${process#/proc/}"
      done | sort -n
      exit 0
      """;

  /**
   * pg_ctl itself looks only every 0.1 s whether the server has ended, by the same sign. What is
   * left when the limit is over is told by {@link #processes}.
   */
  private static final String STOP =
      """
      "$1" stop --pgdata="$2" --mode="$3" --no-wait --silent || exit
      left=$(($4 * 50))
      while [ -e "$2/postmaster.pid" ] && [ "$left" -gt 0 ]; do sleep 0.02; left=$((left - 1)); done
      """;

  /** By what the server says of itself, as {@code pg_ctl --wait} does. */
  private static final String AWAIT_READY =
      """
      left=$(($2 * 10))
      while [ "$left" -gt 0 ]; do
          case $(sed -n 8p "$1/postmaster.pid" 2>/dev/null) in ready*|standby*) exit 0 ;; esac
          sleep 0.1
          left=$((left - 1))
      done
      exit 1
      """;

  /**
   * How a server is stopped.
   *
   * @see <a href="https://www.postgresql.org/docs/current/server-shutdown.html">Shutting down the
   *     server</a>
   */
  public enum Stop {
    /** Waits for the clients to leave. */
    SMART,
    /** Ends the clients and writes a checkpoint. */
    FAST,
    /** At once; the next start replays the WAL. */
    IMMEDIATE;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private final Node node;

  Postmaster(Node node) {
    this.node = node;
  }

  /** The data directory: what the inventory says, else what the running server says. */
  public String getData() {
    return node.spec()
        .data()
        .orElseGet(
            () -> node.getSql().value(String.class, "select current_setting('data_directory')"));
  }

  /** The processes of the server that works in the data directory; none if it is not running. */
  public List<Long> processes() {
    return node.getSsh().run(Command.probeScript(PROCESSES, getData())).lines().stream()
        .map(Long::valueOf)
        .toList();
  }

  /**
   * Whether a server works in the data directory, by the host's processes and not by its pid file,
   * which lies after a crash.
   */
  public boolean isRunning() {
    return !processes().isEmpty();
  }

  /**
   * Starts the server by the node's control method and waits, for 60 s at most, until it accepts
   * connections.
   *
   * @throws Problem as {@link #start(Duration)} does
   */
  @Changes
  public void start() {
    start(LIMIT);
  }

  /**
   * Starts the server by the node's control method and waits until it accepts connections, or is
   * found to be in recovery without accepting any.
   *
   * @param limit how long that may take
   * @throws Problem with exit 1 and the end of the server's log if it does not come up in time
   */
  @Changes
  public void start(Duration limit) {
    Doubt.settledBy(() -> isRunning() ? begun(limit) : Settlement.NOT_DONE, () -> startBy(limit));
  }

  /** A start that was cut short is done when the server lets somebody in, and not before. */
  private Settlement begun(Duration limit) {
    Command await =
        Command.probeScript(AWAIT_READY, getData(), String.valueOf(Math.max(1, limit.toSeconds())));
    if (node.getSsh().run(await.accept(0, 1).timeout(limit.plusSeconds(10))).exit() != 0) {
      throw Problem.failed("server of " + node + " was told to start, and lets nobody in yet")
          .hint("Its log ends with:\n" + endOfLog());
    }
    return Settlement.DONE;
  }

  private void startBy(Duration limit) {
    switch (node.spec().control()) {
      case Control.PgCtl ignored ->
          pgCtl(limit, "start", "--log=" + log(), "--timeout=" + limit.toSeconds());
      case Control.PgCtlcluster ignored -> clusterctl(limit, "start");
      case Control.Systemd ignored -> systemctl(limit, "start");
      case Control.Commands commands -> shell(limit, commands.start());
    }
  }

  /**
   * Stops the server and proves that none of its processes is left.
   *
   * @param mode {@code Postmaster.Stop.SMART}, {@code FAST} or {@code IMMEDIATE}
   * @param limit how long it may take
   * @throws Problem with exit 1 if some are left when the limit is over: it is still going down
   *     then, and must not be started blindly
   */
  @Changes
  public void stop(Stop mode, Duration limit) {
    Doubt.settledBy(
        () -> isRunning() ? Settlement.NOT_DONE : Settlement.DONE, () -> stopBy(mode, limit));
    node.run().means().outcome("no process of " + node + " is left", this::requireNone);
  }

  private void stopBy(Stop mode, Duration limit) {
    switch (node.spec().control()) {
      case Control.PgCtl ignored ->
          perform(
              limit,
              Command.changeScript(
                  STOP,
                  program("pg_ctl"),
                  getData(),
                  mode.word(),
                  String.valueOf(Math.max(1, limit.toSeconds()))));
      case Control.PgCtlcluster ignored -> clusterctl(limit, "stop", "--mode", mode.word());
      case Control.Systemd ignored -> systemctl(limit, "stop");
      case Control.Commands commands -> shell(limit, commands.stop());
    }
  }

  private void requireNone() {
    List<Long> left = processes();
    if (!left.isEmpty()) {
      throw Problem.failed(
              "server of " + node + " was told to stop but processes " + left + " are left")
          .hint("Look again in a moment; a shutdown that writes much takes its time.")
          .state("the server of " + node + " is going down");
    }
  }

  /** Stops the server fast, and starts it again; 60 s at most for each. */
  @Changes
  public void restart() {
    stop(Stop.FAST, LIMIT);
    start();
  }

  /** What is known of the server from {@code global/pg_control}, whether it runs or not. */
  public ControlFile controlFile() {
    return ControlFile.read(node.getSsh().read("cat", getData() + "/global/pg_control").bytes());
  }

  /**
   * Whether the data directory on the host is that of a running primary of a database system (P4):
   * an address that leads SSH elsewhere than SQL, to a standby's host, must not be acted upon.
   *
   * @param systemIdentifier as the server answers over SQL
   */
  public boolean isPrimaryOf(String systemIdentifier) {
    ControlFile control = controlFile();
    return Long.toUnsignedString(control.systemIdentifier()).equals(systemIdentifier)
        && control.state() == ControlFile.State.IN_PRODUCTION
        && isRunning();
  }

  /** The path of one of PostgreSQL's programs on the host. */
  public String program(String name) {
    return node.spec().bin().map(folder -> folder + "/" + name).orElseGet(() -> found(name));
  }

  /**
   * The last lines of the log that {@code pg_ctl} was told to write; empty under other control
   * methods.
   */
  public String endOfLog() {
    return node.getSsh().run(Command.probe("tail", "-n", "20", log()).accept(0, 1)).text();
  }

  /** Beside the data directory: neither backed up nor lost with it. */
  private String log() {
    return getData().replaceFirst("/+$", "") + ".log";
  }

  private String found(String name) {
    // Debian keeps each major version in a folder of its own, outside of the path.
    String script =
        """
        command -v "$1" && exit
        major=$(cat "$2/PG_VERSION" 2>/dev/null || echo '*')
        ls -d /usr/lib/postgresql/$major/bin/"$1" /usr/pgsql-$major/bin/"$1" 2>/dev/null | sort -V | tail -n 1
        """;
    String path = node.getSsh().run(Command.probeScript(script, name, getData())).text();
    if (path.isEmpty()) {
      throw Problem.failed("there is no \"" + name + "\" on " + node)
          .hint("Say where PostgreSQL's programs are with the node's key bin.");
    }
    return path;
  }

  private void pgCtl(Duration limit, String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of(program("pg_ctl")));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--wait", "--silent", "--pgdata=" + getData()));
    perform(limit, Command.change(command.toArray(String[]::new)));
  }

  private void clusterctl(Duration limit, String action, String... arguments) {
    // postgresql@15-main
    String[] versionAndName = service().replaceFirst("^.*@", "").split("-", 2);
    List<String> command =
        new java.util.ArrayList<>(
            List.of("pg_ctlcluster", versionAndName[0], versionAndName[1], action));
    command.addAll(List.of(arguments));
    perform(limit, Command.change(command.toArray(String[]::new)).sudo());
  }

  private void systemctl(Duration limit, String action) {
    perform(limit, Command.change("systemctl", action, service()).sudo());
  }

  private void shell(Duration limit, String line) {
    perform(limit, Command.changeScript(line));
  }

  private void perform(Duration limit, Command command) {
    try {
      node.getSsh().run(command.timeout(limit.plusSeconds(10)));
    } catch (Problem e) {
      String log = node.spec().control() instanceof Control.PgCtl ? endOfLog() : "";
      throw log.isEmpty() ? e : e.hint("The server's log ends with:\n" + log);
    }
  }

  private String service() {
    return node.spec()
        .service()
        .orElseThrow(
            () ->
                Problem.usage("node \"" + node.fullName() + "\" has no service")
                    .hint("Name its unit with the key service, such as postgresql@15-main."));
  }
}
