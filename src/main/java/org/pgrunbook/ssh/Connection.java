package org.pgrunbook.ssh;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.SshSettings;

/** One connection to a host, logged in; perhaps through another. */
final class Connection implements AutoCloseable {
  private static final Duration ALIVE_INTERVAL = Duration.ofSeconds(15);
  private static final int ALIVE_COUNT = 4;

  private final Session session;
  private final Optional<Connection> through;

  private Connection(Session session, Optional<Connection> through) {
    this.session = session;
    this.through = through;
  }

  /**
   * Connects and logs in.
   *
   * @throws Problem with exit 5 that says what stood in the way, or 130
   */
  static Connection open(SshSettings settings, Home home) {
    Endpoint endpoint = Endpoint.of(settings, home);
    // JSch swallows interrupts, and limits each answer but not their sum: so it gets its own
    // thread.
    var opening =
        CompletableFuture.supplyAsync(
            () -> connect(endpoint, settings, home), Thread::startVirtualThread);
    Duration limit = endpoint.patience().multipliedBy(endpoint.jump().isPresent() ? 4 : 2);
    try {
      return opening.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Problem problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      CompletableFuture<Void> _ = opening.thenAccept(Connection::close);
      throw silent(endpoint, limit).because(e);
    } catch (InterruptedException e) {
      CompletableFuture<Void> _ = opening.thenAccept(Connection::close);
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted while connecting to " + endpoint).because(e);
    }
  }

  private static Connection connect(Endpoint endpoint, SshSettings settings, Home home) {
    Optional<Connection> through =
        endpoint.jump().map(jump -> login(Endpoint.jump(jump, settings, home), home, null));
    try {
      return login(endpoint, home, through.orElse(null));
    } catch (Problem e) {
      through.ifPresent(Connection::close);
      throw e;
    }
  }

  private static Connection login(Endpoint endpoint, Home home, Connection through) {
    Keys keys = new Keys(endpoint, home);
    Session session = null;
    try {
      JSch jsch = new JSch();
      HostKeys.trust(jsch, endpoint.knownHosts());
      session =
          through == null
              ? jsch.getSession(endpoint.user(), endpoint.host(), endpoint.port())
              : jsch.getSession(
                  endpoint.user(), "127.0.0.1", through.forward(endpoint.host(), endpoint.port()));
      // Also behind a forwarded port the key must be that of the host.
      session.setHostKeyAlias(endpoint.knownAs());
      session.setConfig("StrictHostKeyChecking", "yes");
      session.setConfig("PreferredAuthentications", "publickey");
      // JSch would make keys of each kind to see whether it can; every JDK that we run on can.
      session.setConfig("CheckKexes", "");
      session.setConfig("CheckSignatures", "");
      session.setIdentityRepository(keys);
      session.setDaemonThread(true);
      session.setServerAliveInterval((int) ALIVE_INTERVAL.toMillis());
      session.setServerAliveCountMax(ALIVE_COUNT);
      session.connect((int) endpoint.patience().toMillis());
      return new Connection(session, Optional.ofNullable(through));
    } catch (JSchException e) {
      Optional<Problem> refusal =
          session == null ? Optional.empty() : HostKeys.refusal(session, endpoint);
      throw refusal.orElseGet(() -> unreachable(e, endpoint, keys)).because(e);
    }
  }

  private static Problem unreachable(JSchException e, Endpoint endpoint, Keys keys) {
    String said = String.valueOf(e.getMessage());
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof UnknownHostException) {
      return Problem.unreachable("host name \"" + endpoint.host() + "\" cannot be resolved")
          .hint("Is it spelled right, and does this machine know it: getent hosts NAME?");
    }
    if (root instanceof SocketTimeoutException || said.contains("timeout")) {
      return silent(endpoint, endpoint.patience());
    }
    if (root instanceof ConnectException) {
      return Problem.unreachable("host " + endpoint + " refuses connections")
          .hint("Is its SSH server running, and is port " + endpoint.port() + " the right one?");
    }
    if (root instanceof NoRouteToHostException) {
      return Problem.unreachable("there is no route to host " + endpoint)
          .hint("Is the host up, and does a firewall stand between?");
    }
    if (said.startsWith("Auth ")
        || said.startsWith("USERAUTH")
        || said.contains("authentication")) {
      return keys.explain(
              Problem.unreachable(
                  "host " + endpoint + " does not let user \"" + endpoint.user() + "\" in"))
          .hint("Does it work by hand: " + endpoint.login() + " true?");
    }
    return Problem.unreachable("cannot connect to host " + endpoint + ": " + said)
        .hint("Does it work by hand: " + endpoint.login() + " true?");
  }

  private static Problem silent(Endpoint endpoint, Duration limit) {
    return Problem.unreachable(
            "host " + endpoint + " does not answer within " + Durations.show(limit))
        .hint("Is the host up, and does a firewall stand between?");
  }

  /** A channel for a command, not open yet. */
  ChannelExec channel() throws JSchException {
    return (ChannelExec) session.openChannel("exec");
  }

  /**
   * A free port of this machine that leads to a port as the host sees it; where the host is a
   * folder, to PostgreSQL's socket in there.
   */
  int forward(String host, int port) throws JSchException {
    return host.startsWith("/")
        ? session.setSocketForwardingL("127.0.0.1", 0, host + "/.s.PGSQL." + port, null, 0)
        : session.setPortForwardingL("127.0.0.1", 0, host, port);
  }

  boolean alive() {
    return session.isConnected();
  }

  @Override
  public void close() {
    session.disconnect();
    through.ifPresent(Connection::close);
  }
}
