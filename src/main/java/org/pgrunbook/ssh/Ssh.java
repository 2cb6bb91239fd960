package org.pgrunbook.ssh;

import com.jcraft.jsch.JSchException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.inventory.SshSettings;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Means;
import org.pgrunbook.journal.Meter;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Run;

/**
 * The SSH wire of one node. Connects when first used and keeps its connections for the run; several
 * threads may use it at once. A connection that drops fails the commands on it; the next command
 * connects anew.
 *
 * <p>Host keys must be known, as with OpenSSH's {@code StrictHostKeyChecking yes}; nobody is ever
 * asked anything. Everything fails with a {@link Problem}: exit 5 if the host cannot be reached or
 * does not let us in, 130 if interrupted, 6 if the connection is lost while a change runs, 1 if the
 * command fails or takes too long. Whatever the reason, a command that is given up is ended on the
 * host with all of its processes, and if that is not certain the problem says so.
 */
public final class Ssh implements AutoCloseable {
  private static final DataSize LARGEST_OUTPUT = new DataSize(16 << 20);
  private static final int BUFFER = 16 << 10;

  private static final String WRITE =
      "umask 077 && cat > \"$1.new\" && mv --no-target-directory -- \"$1.new\" \"$1\"";

  /** What is done with the streams of a command while it runs. */
  @FunctionalInterface
  public interface Streaming<T> {
    /** Does it; what it returns is the result. */
    T with(Remote remote) throws Exception;
  }

  private record Tunnel(Connections.Lease lease, int port) {}

  private final String node;
  private final SshSettings settings;
  private final Run run;
  private final Connections connections;
  private final Map<String, Tunnel> tunnels = new HashMap<>();

  /** The host of a node. */
  public Ssh(NodeSpec node, Run run) {
    this(node.fullName(), node.ssh(), run);
  }

  /** A host that is shown and journalled under the given name. */
  public Ssh(String node, SshSettings settings, Run run) {
    this(node, settings, run, Home.here());
  }

  Ssh(String node, SshSettings settings, Run run, Home home) {
    this.node = node;
    this.settings = settings;
    this.run = run;
    this.connections = new Connections(() -> Connection.open(settings, home));
  }

  /**
   * Runs a program that changes nothing, within 60 s: a probe. The arguments are quoted for the
   * host's shell.
   *
   * @throws Problem with exit 2 if it is known to change something, with exit 1 if it ends with
   *     another status than 0, with exit 5 if the host cannot be reached
   */
  public Output read(String... argv) {
    return run(Command.probe(argv));
  }

  /** The same with a list. */
  public Output read(List<String> argv) {
    return read(argv.toArray(String[]::new));
  }

  /**
   * Runs a program that changes something, within 10 min. The arguments are quoted for the host's
   * shell.
   *
   * @throws Problem with exit 1 if it ends with another status than 0, with exit 5 if the host
   *     cannot be reached, with exit 6 if the connection is lost while it runs
   */
  @Changes
  public Output run(String... argv) {
    return run(Command.change(argv));
  }

  /** The same with a list. */
  @Changes
  public Output run(List<String> argv) {
    return run(argv.toArray(String[]::new));
  }

  /**
   * Runs a command, a probe or a change as it was made, and keeps its output, of 16 MB at most. A
   * probe may take 60 s and a change 10 min unless the command says otherwise. In a dry run a
   * change returns exit status 0 and no output.
   */
  public Output run(Command command) {
    Duration usual = command.changes() ? Duration.ofMinutes(10) : Duration.ofSeconds(60);
    Duration total = command.limit().orElse(usual);
    Limit limit = new Limit(run.time(), total, command.silence().orElse(total));
    return perform(command, false, limit, Output.NONE, this::collect);
  }

  /** Whether the host has a program in its path: a probe. */
  public boolean has(String program) {
    Command look = Command.probeScript("command -v \"$1\" >/dev/null", program);
    return run(look.accept(0, 1, 127)).exit() == 0;
  }

  /**
   * Writes a file that only its owner may read. What was there is replaced once all of it has
   * arrived, so nobody ever sees half of it.
   */
  @Changes
  public void write(String file, byte[] content) {
    run(Command.changeScript(WRITE, file).stdin(content));
  }

  /**
   * Runs a command while the body reads {@code remote.stdout()} and writes {@code remote.stdin()},
   * in constant memory. The command must end well after the body; if the body fails, the command is
   * ended. Limits unless given: a day in all, 5 min in which nothing moves. In a dry run a change
   * gives null.
   */
  public <T> T stream(Command command, Streaming<T> body) {
    return stream(command, null, body);
  }

  /**
   * The same, with what a dry run gives in place of a change's result.
   *
   * @param assumed what a dry run returns in place of a change's result
   */
  public <T> T stream(Command command, T assumed, Streaming<T> body) {
    Duration total = command.limit().orElse(Duration.ofDays(1));
    Duration idle = command.silence().orElse(Duration.ofMinutes(5));
    return perform(command, true, new Limit(run.time(), total, idle), assumed, body);
  }

  /**
   * Opens a tunnel, which stays open for the run.
   *
   * @param host the far end as the node's host sees it; a folder: PostgreSQL's socket in there
   * @param port the far end's port
   * @return a port on this machine's 127.0.0.1
   */
  public int forward(String host, int port) {
    String far = host + ":" + port;
    return run.means()
        .probe(
            Operation.probe(Operation.Wire.SSH, node, "forward a local port to " + far),
            meter -> {
              synchronized (tunnels) {
                Tunnel tunnel = tunnels.get(far);
                if (tunnel == null || !tunnel.lease().connection.alive()) {
                  tunnel = tunnel(host, port);
                  tunnels.put(far, tunnel);
                }
                meter.result("port", tunnel.port());
                return tunnel.port();
              }
            });
  }

  private Tunnel tunnel(String host, int port) {
    Connections.Lease lease = connections.take(true);
    try {
      return new Tunnel(lease, lease.connection.forward(host, port));
    } catch (JSchException e) {
      lease.discard();
      throw Problem.failed("cannot listen on a local port: " + e.getMessage()).because(e);
    }
  }

  /** Ends all connections. */
  @Override
  public void close() {
    connections.close();
  }

  private Output collect(Remote remote) throws IOException {
    remote.stdin().close();
    Optional<Lines> lines = remote.listener(Event.Wrote.Stream.STDOUT);
    var all = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    try {
      for (int count; (count = remote.stdout().read(buffer)) >= 0; ) {
        all.write(buffer, 0, count);
        if (all.size() > LARGEST_OUTPUT.bytes()) {
          throw Problem.failed("the command wrote more than " + LARGEST_OUTPUT);
        }
        if (lines.isPresent()) {
          lines.get().write(buffer, 0, count);
        }
      }
    } finally {
      lines.ifPresent(Lines::end);
    }
    return new Output(remote.waitFor(), all.toByteArray(), remote.stderr());
  }

  private <T> T perform(Command given, boolean alone, Limit limit, T assumed, Streaming<T> body) {
    Command command = given.on(settings.sudo());
    if (command.secret()) {
      run.secrets().register(new String(command.input(), StandardCharsets.UTF_8).strip());
    }
    var operation = new Operation(Operation.Wire.SSH, node, command.text(), command.changes());
    Means.Act<T> act =
        meter -> {
          var remote = new Remote(command, alone, run, meter, limit, group -> kill(group, command));
          return carryOut(remote, alone, body);
        };
    return command.changes()
        ? run.means().change(operation, assumed, act)
        : run.means().probe(operation, act);
  }

  private <T> T carryOut(Remote remote, boolean alone, Streaming<T> body) {
    Connections.Lease lease = connections.take(alone);
    boolean intact = false;
    try {
      while (!remote.start(lease.connection)) {
        lease = connections.another(lease);
      }
      T result = body.with(remote);
      if (run.means().isDry()) {
        remote.finishOrStop();
      } else {
        remote.finish();
      }
      intact = remote.isFinished();
      return result;
    } catch (Exception e) {
      throw remote.failure(e);
    } finally {
      if (intact || !alone) {
        lease.release();
      } else {
        lease.discard();
      }
    }
  }

  /** Part of the operation that it ends, so it is not journalled on its own. */
  private boolean kill(long group, Command command) {
    String[] argv = Shell.kill(group, command.killedBy()).toArray(String[]::new);
    Limit limit = new Limit(run.time(), Duration.ofSeconds(20), Duration.ofSeconds(20));
    var remote = new Remote(Command.change(argv), false, run, UNHEARD, limit, none -> false);
    try {
      return carryOut(remote, false, Remote::waitFor) == 0;
    } catch (Problem e) {
      return false;
    }
  }

  private static final Meter UNHEARD =
      new Meter() {
        @Override
        public void expect(long bytes) {}

        @Override
        public void moved(long bytes) {}

        @Override
        public void wrote(Event.Wrote.Stream stream, String line) {}

        @Override
        public void result(String name, Object value) {}
      };
}
