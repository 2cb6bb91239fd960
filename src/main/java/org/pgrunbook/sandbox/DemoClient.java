package org.pgrunbook.sandbox;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.NodeSpec;

/**
 * The application of the demo: inserts numbered rows through a URL that names all nodes, as an
 * application should, and remembers which commits were acknowledged and when. It stands outside of
 * pgrunbook, so it uses no wire of it.
 */
public final class DemoClient implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(5);

  /** An acknowledged commit: the row's number, the server's time of it, and ours. */
  private record Commit(long row, Instant server, long nanos) {}

  /**
   * What the failover has cost.
   *
   * @param acknowledged commits since the accident
   * @param lost those of them that the new primary does not have
   * @param silence the longest time between two commits
   */
  public record Toll(long acknowledged, long lost, Duration silence) {}

  private final ClusterSpec cluster;
  private final Time time;
  private final List<Commit> commits = new ArrayList<>();
  private final Thread thread = Thread.ofVirtual().unstarted(this::write);
  private volatile boolean stopped;
  private volatile SQLException lastFailure;
  private long row;
  private long deletedUpTo;

  /** A client that does nothing yet. */
  public DemoClient(ClusterSpec cluster, Time time) {
    this.cluster = cluster;
    this.time = time;
  }

  /** Makes the table, and begins to write. */
  public void start() {
    try (Connection connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(
          "create table orders (id bigint primary key, at timestamptz default clock_timestamp())");
    } catch (SQLException e) {
      throw failed(e);
    }
    thread.start();
  }

  /** Writes no more. */
  public void stop() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until rows are written once more. */
  public void awaitRows(Duration limit) {
    long start = time.nanos();
    long rows = size();
    while (size() < rows + 10) {
      if (time.since(start).compareTo(limit) > 0) {
        throw Problem.failed("nothing was written for " + limit.toSeconds() + " s")
            .because(lastFailure);
      }
      time.sleep(PAUSE);
    }
  }

  /** The present instant, by the clock of the primary. */
  public Instant serverTime() {
    return ask("select clock_timestamp()");
  }

  /** How many rows were acknowledged before a moment by the primary's clock. */
  public synchronized long acknowledgedBefore(Instant moment) {
    return commits.stream().filter(commit -> commit.server().isBefore(moment)).count();
  }

  /** The accident: deletes every row, and says how many. */
  public long deleteAll() {
    try (Connection connection = connect();
        var statement = connection.createStatement()) {
      long count = statement.executeUpdate("delete from orders");
      synchronized (this) {
        deletedUpTo = commits.getLast().row();
      }
      return count;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Compares what was acknowledged since the accident with what is there. */
  public Toll toll() {
    List<Commit> since;
    synchronized (this) {
      since = commits.stream().filter(commit -> commit.row() > deletedUpTo).toList();
    }
    long silence = 0;
    for (int i = 1; i < since.size(); i++) {
      silence = Math.max(silence, since.get(i).nanos() - since.get(i - 1).nanos());
    }
    List<Long> there = new ArrayList<>();
    try (Connection connection = connect();
        var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select id from orders")) {
      while (rows.next()) {
        there.add(rows.getLong(1));
      }
    } catch (SQLException e) {
      throw failed(e);
    }
    Set<Long> present = new HashSet<>(there);
    long lost = since.stream().filter(commit -> !present.contains(commit.row())).count();
    return new Toll(since.size(), lost, Duration.ofNanos(silence));
  }

  /** How many rows one node has. */
  public static long count(NodeSpec node) {
    try (Connection connection = connect(List.of(node), "any");
        var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select count(*) from orders")) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void write() {
    try {
      while (!stopped) {
        insertUntilItFails();
        time.sleep(PAUSE); // the server is gone: try the next one, as a pool does
      }
    } catch (Problem e) {
      stopped = true; // interrupted: the demo ends
    }
  }

  private void insertUntilItFails() {
    try (Connection connection = connect();
        var insert =
            connection.prepareStatement(
                "insert into orders (id) values (?) returning clock_timestamp()")) {
      while (!stopped) {
        insert.setLong(1, ++row);
        try (ResultSet result = insert.executeQuery()) {
          result.next();
          Instant at = result.getObject(1, OffsetDateTime.class).toInstant();
          synchronized (this) {
            commits.add(new Commit(row, at, time.nanos()));
          }
        }
        time.sleep(PAUSE);
      }
    } catch (SQLException e) {
      lastFailure = e;
    }
  }

  private Instant ask(String sql) {
    try (Connection connection = connect();
        var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getObject(1, OffsetDateTime.class).toInstant();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private synchronized long size() {
    return commits.size();
  }

  private Connection connect() throws SQLException {
    return connect(
        cluster.nodes().values().stream()
            .filter(node -> node.role() != NodeSpec.Role.SPARE)
            .toList(),
        "primary");
  }

  private static Connection connect(List<NodeSpec> nodes, String target) throws SQLException {
    String hosts =
        nodes.stream()
            .map(node -> node.sql().host() + ":" + node.sql().port())
            .collect(Collectors.joining(","));
    var sql = nodes.getFirst().sql();
    Properties properties = new Properties();
    properties.setProperty("user", sql.user());
    sql.password()
        .ifPresent(password -> properties.setProperty("password", password.resolve(new Secrets())));
    properties.setProperty("targetServerType", target);
    properties.setProperty("hostRecheckSeconds", "0");
    properties.setProperty("connectTimeout", "2");
    properties.setProperty("socketTimeout", "10");
    return DriverManager.getConnection(
        "jdbc:postgresql://" + hosts + "/" + sql.database(), properties);
  }

  private static Problem failed(SQLException e) {
    return Problem.failed("the demo's client failed: " + e.getMessage()).because(e);
  }

  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
  }
}
