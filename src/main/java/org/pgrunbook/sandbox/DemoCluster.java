package org.pgrunbook.sandbox;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.sandbox.SandboxFolder.Secret;

/**
 * The PostgreSQL servers of a sandbox. The standbys are copies of the primary's data directory from
 * before its first start, which is the fastest way to get standbys.
 *
 * <p>All paths in the configuration are relative to the data directory: as on real hosts they are
 * the same everywhere, so a data directory that is restored onto another host archives to that
 * host's spool.
 */
final class DemoCluster {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private static final String CONFIGURATION =
      """

      # The sandbox
      listen_addresses = '127.0.0.1'
      unix_socket_directories = ''
      shared_buffers = 16MB
      dynamic_shared_memory_type = mmap  # in the data directory, so that it goes with it
      archive_mode = on
      archive_command = '../archive-wal "%p" "%f" || exit 1'
      wal_keep_size = 64MB
      max_wal_size = 256MB
      wal_retrieve_retry_interval = 200ms
      wal_receiver_status_interval = 1s
      max_prepared_transactions = 4
      """;

  /**
   * Leaves a WAL file in the spool. The same file once more is fine, other content under its name
   * is not (P30); every failure is 1, since above 125 the archiver would end uncounted (P31).
   */
  private static final String ARCHIVE_WAL =
      """
      #!/bin/sh
      # archive-wal PATH NAME: leaves a WAL file in the spool.
      # Archiving it again succeeds, other content under the same name fails.
      spool=$(dirname "$0")/spool
      if [ -e "$spool/$2" ]; then
        cmp "$1" "$spool/$2" && sync "$spool/$2" "$spool" || exit 1
      else
        cp "$1" "$spool/.$2" && sync "$spool/.$2" &&
          mv "$spool/.$2" "$spool/$2" && sync "$spool" || exit 1
      fi
      """;

  private final Host primary;
  private final List<Host> standbys;
  private final Host spare;
  private final String password;
  private final String replicationPassword;
  private final Time time;
  private final Consumer<String> progress;

  DemoCluster(SandboxFolder folder, Plan plan, Time time, Consumer<String> progress)
      throws IOException {
    this.primary = plan.host(folder, "pg1");
    this.standbys = List.of(plan.host(folder, "pg2"), plan.host(folder, "pg3"));
    this.spare = plan.host(folder, "pg4");
    this.password = folder.secret(Secret.SQL_PASSWORD);
    this.replicationPassword = folder.secret(Secret.REPLICATION_PASSWORD);
    this.time = time;
    this.progress = progress;
  }

  /** Makes the hosts' homes and the servers, and returns when both standbys stream. */
  void create() {
    prepare(primary);
    standbys.forEach(this::prepare);
    prepare(spare);
    progress.accept("initialising " + primary.name());
    initialise();
    spare.run("mkdir -m 700 data");
    for (Host standby : standbys) {
      standby.run("cp -R -p ../" + primary.name() + "/data data");
    }
    progress.accept("starting " + primary.name());
    start(primary);
    progress.accept("starting its standbys");
    try (Connection sql = connect();
        Statement statement = sql.createStatement()) {
      statement.execute(
          "CREATE ROLE replicator LOGIN REPLICATION PASSWORD '" + replicationPassword + "'");
      for (Host standby : standbys) {
        statement.execute(
            "SELECT pg_create_physical_replication_slot('" + standby.name() + "', true)");
        follow(standby);
        start(standby);
      }
      awaitStreaming(statement);
    } catch (SQLException e) {
      throw Problem.failed("\"" + primary.name() + "\": " + e.getMessage()).because(e);
    }
  }

  private void prepare(Host host) {
    host.run(
        "mkdir spool && umask 077 && cat > .pgpass", "*:*:*:replicator:" + replicationPassword);
    host.run("cat > archive-wal && chmod +x archive-wal", ARCHIVE_WAL);
  }

  private void initialise() {
    primary.run("umask 077 && cat > .password", password);
    primary.run(
        "initdb --pgdata=data --username=postgres --pwfile=.password --auth=scram-sha-256"
            + " --data-checksums --encoding=UTF8 --no-locale --no-sync");
    primary.run("rm .password && cat >> data/postgresql.conf", CONFIGURATION);
  }

  private static void start(Host host) {
    host.run(
        "cat >> data/postgresql.conf",
        "port = " + host.sqlPort() + "\ncluster_name = '" + host.name() + "'\n");
    host.run("pg_ctl start --pgdata=data --log=postgresql.log --wait --silent");
  }

  /** Writes what pg_basebackup -R would write. */
  private void follow(Host standby) {
    String connection =
        "host=127.0.0.1 port=%d user=replicator passfile=../.pgpass".formatted(primary.sqlPort());
    standby.run(
        "touch data/standby.signal && cat >> data/postgresql.auto.conf",
        "primary_conninfo = '" + connection + "'\nprimary_slot_name = '" + standby.name() + "'\n");
  }

  private void awaitStreaming(Statement statement) throws SQLException {
    long start = time.nanos();
    while (streaming(statement) < standbys.size()) {
      if (time.since(start).compareTo(LIMIT) > 0) {
        throw Problem.failed("the standbys of the sandbox do not stream");
      }
      time.sleep(PAUSE);
    }
  }

  private static int streaming(Statement statement) throws SQLException {
    try (var rows =
        statement.executeQuery(
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private Connection connect() throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", password);
    properties.setProperty("sslmode", "disable");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + primary.sqlPort() + "/postgres", properties);
  }
}
