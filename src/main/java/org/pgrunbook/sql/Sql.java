package org.pgrunbook.sql;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.SqlSettings;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Run;

/**
 * One node's server during a run. A probe may take 30 seconds and a change 10 minutes, unless
 * {@link #timeout} says otherwise.
 *
 * <p>It connects when the first statement needs it, and again when the server had gone away between
 * two statements. Threads may share it; each statement in progress has its own connection, and a
 * transaction that a statement leaves open is rolled back.
 */
public final class Sql extends Statements {
  private static final Duration PROBE = Duration.ofSeconds(30);
  private static final Duration CHANGE = Duration.ofMinutes(10);
  private static final Duration LOGIN_PAUSE = Duration.ofMillis(200);

  private final Connections connections;
  private final String database;
  private final Optional<Duration> limit;

  /**
   * Connects nothing yet.
   *
   * @param nodeName the node as the journal shows it, {@code orders/pg1}
   * @param tunnel used if the settings say {@code via: ssh}
   */
  public Sql(String nodeName, SqlSettings settings, Run run, Tunnel tunnel) {
    this(
        nodeName,
        run,
        new Connections(settings, run, tunnel),
        settings.database(),
        Optional.empty());
  }

  private Sql(
      String node, Run run, Connections connections, String database, Optional<Duration> limit) {
    super(node, run);
    this.connections = connections;
    this.database = database;
    this.limit = limit;
  }

  /** The same server, but another database of it. */
  public Sql database(String name) {
    return new Sql(node(), run(), connections, name, limit);
  }

  /**
   * The same server, with another limit for each statement than the 30 s of a probe and the 10 min
   * of a change.
   *
   * @throws Problem with exit 2 unless it is longer than nothing
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT">statement_timeout</a>
   */
  public Sql timeout(Duration duration) {
    if (!duration.isPositive()) {
      throw Problem.usage("a timeout of " + duration + " is no limit");
    }
    return new Sql(node(), run(), connections, database, Optional.of(duration));
  }

  /**
   * A connection of its own, which is never opened anew and whose statements have no limit; it ends
   * when it is closed. For what belongs to one session, such as a base backup.
   *
   * @throws Problem with exit 5 if the server cannot be reached
   */
  public Session session() {
    return new Session(node(), run(), connections.open(database));
  }

  /**
   * The certificate that the server shows to whoever begins TLS, whether it is to be trusted or
   * not; empty if it does not speak TLS. Nobody logs in.
   *
   * @throws Problem with exit 5 if the server cannot be reached
   */
  public Optional<ServerCertificate> certificate() {
    return run()
        .means()
        .probe(
            Operation.probe(Operation.Wire.SQL, node(), "begin TLS, and look at the certificate"),
            meter -> connections.certificate());
  }

  /**
   * Waits until the server lets a role in by a password, from this machine and into this database.
   * It is asked five times a second, for as long as a change may take; a dry run only tells it.
   *
   * @throws Problem with exit 1 if it does not in that time; with exit 5 if it cannot be reached
   * @see <a
   *     href="https://www.postgresql.org/docs/current/client-authentication.html">authentication</a>
   */
  public void awaitLogin(String role, String password) {
    run()
        .means()
        .outcome(
            "%s lets in \"%s\"".formatted(node(), role),
            () -> {
              Duration limit = changeLimit();
              if (!run()
                  .time()
                  .until(() -> connections.letsIn(database, role, password), limit, LOGIN_PAUSE)) {
                throw Problem.failed(
                        "it has not let in \"%s\" within %s".formatted(role, Durations.show(limit)))
                    .at(node());
              }
            });
  }

  /**
   * Whether a server was there and answered, although it did not let us in or refused a statement;
   * not if nothing listens, the network is silent or the connection was lost.
   */
  public static boolean answered(Problem problem) {
    return Failure.answered(problem.getCause());
  }

  /** Whether a server let us not in because all of its connections are taken. */
  public static boolean full(Problem problem) {
    return Failure.full(problem.getCause());
  }

  /** Closes all connections to this server, whatever their database; sessions stay. */
  @Override
  public void close() {
    connections.close();
  }

  @Override
  <T> T with(Function<Link, T> work) {
    Link link = connections.take(database);
    try {
      return work.apply(link);
    } finally {
      connections.giveBack(database, link);
    }
  }

  @Override
  Duration probeLimit() {
    return limit.orElse(PROBE);
  }

  @Override
  Duration changeLimit() {
    return limit.orElse(CHANGE);
  }
}
