package org.pgrunbook.sql;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.SqlSettings;
import org.pgrunbook.journal.Run;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PgConnection;

/** One node's connections: opened when needed, kept while the run lasts, as many as are in use. */
final class Connections implements AutoCloseable {
  /** Until a server must have let us in. */
  private static final int LOGIN_SECONDS = 10;

  /** Until a server must have taken a request to cancel. */
  private static final int CANCEL_SECONDS = 1;

  /** Kept, so that it stays silent: whatever the driver has to say it throws, too. */
  private static final Logger DRIVER = Logger.getLogger("org.postgresql");

  static {
    DRIVER.setLevel(Level.OFF);
  }

  private final SqlSettings settings;
  private final Run run;
  private final Tunnel tunnel;
  private final Map<String, Deque<Link>> idle = new ConcurrentHashMap<>();

  Connections(SqlSettings settings, Run run, Tunnel tunnel) {
    this.settings = settings;
    this.run = run;
    this.tunnel = tunnel;
  }

  /** A connection that answers: one that died while nobody used it is replaced by a new one. */
  Link take(String database) {
    Deque<Link> free = idle.computeIfAbsent(database, _ -> new ConcurrentLinkedDeque<>());
    for (Link link = free.poll(); link != null; link = free.poll()) {
      if (link.answers()) {
        return link;
      }
      link.close();
    }
    return open(database);
  }

  /** Keeps it for the next statement, unless this one left a transaction open on it. */
  void giveBack(String database, Link link) {
    Deque<Link> free = idle.get(database);
    if (free == null || !link.idle()) {
      link.close();
    } else {
      free.push(link);
    }
  }

  /**
   * A new connection.
   *
   * @throws Problem with exit 5 if there is none to be had
   */
  Link open(String database) {
    try {
      return new Link(source(database).getConnection().unwrap(PgConnection.class));
    } catch (SQLException e) {
      throw Failure.login(e, settings, database);
    }
  }

  /**
   * Whether the server lets somebody else in.
   *
   * @throws Problem with exit 5 if it cannot be reached, or refuses for something else than who it
   *     is
   */
  boolean letsIn(String database, String role, String password) {
    PGSimpleDataSource source = source(database);
    source.setUser(role);
    source.setPassword(password);
    try (Connection connection = source.getConnection()) {
      return !connection.isClosed();
    } catch (SQLException e) {
      if (Failure.refusesWho(e)) {
        return false;
      }
      throw Failure.login(e, settings, database);
    }
  }

  private PGSimpleDataSource source(String database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    if (settings.host().contains(",")) {
      throw Problem.usage("sql host \"" + settings.host() + "\" names several servers")
          .hint("A node is one server; give it one host.");
    }
    if (settings.isSocket() && !settings.viaSsh()) {
      throw Problem.usage("sql host \"" + settings.host() + "\" is the folder of a socket")
          .hint("A socket is reached through SSH: add via: ssh under sql.");
    }
    // The driver knows no sockets; through a tunnel it is told none of its names anyway.
    source.setServerNames(new String[] {settings.isSocket() ? "localhost" : settings.host()});
    source.setPortNumbers(new int[] {settings.port()});
    source.setDatabaseName(database);
    source.setUser(settings.user());
    // Without one the driver looks into ~/.pgpass.
    settings.password().ifPresent(secret -> source.setPassword(secret.resolve(run.secrets())));
    source.setSslmode(settings.sslmode());
    source.setApplicationName("pgrunbook/" + run.id());
    source.setConnectTimeout(LOGIN_SECONDS);
    source.setCancelSignalTimeout(CANCEL_SECONDS);
    source.setTcpKeepAlive(true);
    // Text has no type of its own, as in psql: '0/3000060' is a pg_lsn where one is wanted.
    source.setStringType("unspecified");
    // Saves a round trip for the application's name.
    source.setAssumeMinServerVersion("15");
    // Each statement runs once; a named one is of no use, and gets lost behind a pooler.
    source.setPrepareThreshold(0);
    if (settings.viaSsh()) {
      source.setSocketFactory(ThroughTunnel.class.getName());
      source.setSocketFactoryArg(String.valueOf(tunnel.port(settings.host(), settings.port())));
    }
    source.setLoginTimeout(LOGIN_SECONDS);
    return source;
  }

  /** The certificate that the server shows; empty if it does not speak TLS. */
  Optional<ServerCertificate> certificate() {
    int port = settings.viaSsh() ? tunnel.port(settings.host(), settings.port()) : settings.port();
    String host = settings.viaSsh() ? "127.0.0.1" : settings.host();
    try (Socket socket = new Socket()) {
      int limit = LOGIN_SECONDS * 1000;
      socket.connect(new InetSocketAddress(host, port), limit);
      socket.setSoTimeout(limit);
      return ServerCertificate.shown(socket, settings.host(), port);
    } catch (IOException | GeneralSecurityException e) {
      throw Problem.unreachable(
              "the certificate of %s:%d cannot be looked at: %s"
                  .formatted(settings.host(), settings.port(), e.getMessage()))
          .because(e);
    }
  }

  @Override
  public void close() {
    idle.values().forEach(links -> links.forEach(Link::close));
    idle.clear();
  }
}
