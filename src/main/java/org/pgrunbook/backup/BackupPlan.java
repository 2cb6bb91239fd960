package org.pgrunbook.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.BackupLabel;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * A backup that is about to be taken, after everything that could forbid it was looked at.
 *
 * @param node the node that the files are read from
 * @param primary the node that archives the WAL; the same, unless the files are a standby's
 * @param data the data directory
 * @param size of its databases, before compression
 * @param compression what the host can do
 */
public record BackupPlan(
    Node node, Node primary, String data, DataSize size, Compression compression) {
  /** Both clocks read a second or so apart, and the pid file has whole seconds. */
  private static final Duration SAME_START = Duration.ofSeconds(3);

  /**
   * Copies the files while the server works, and leaves a draft of the manifest in the repository.
   * What an interrupted backup has stored is taken over where it is proved to be what would be sent
   * now.
   *
   * @param left what interrupted backups have left
   * @param processes how many read on the host at once
   * @param level how hard to compress, 1 to 19
   * @param maxRate how many bytes a second may travel, compressed and all processes together; null:
   *     as many as can
   * @param checks when the files and pages are looked at
   * @throws Problem with exit 1 if the server ends the backup, or if what comes from the host
   *     cannot be what was listed there
   */
  @Changes
  public BackupSummary take(
      Repository repository,
      Interrupted left,
      int processes,
      int level,
      DataSize maxRate,
      Checking checks) {
    Load load = new Load(processes, level, new RateLimit(maxRate, node.run().time()));
    // The session of a backup that was cut short is gone, and the backup with it.
    return Doubt.repeatable(
        () -> {
          // Cut short and begun anew it has left something itself.
          boolean again = node.run().means().wasBegun();
          Interrupted now = again ? Interrupted.of(repository) : left;
          Attempt attempt = Attempt.begin(repository, node);
          Packing packing = new Packing(this, attempt, repository, now, load);
          Manifest manifest = new BaseBackup(this, repository, attempt, packing).take(checks);
          repository.draft(manifest);
          return BackupSummary.of(manifest);
        });
  }

  /**
   * Looks at the node, at the primary's archiving and at the repository; refuses what would not
   * make a backup.
   *
   * @param maxLag how far a standby may be behind
   */
  static BackupPlan of(Node node, Repository repository, DataSize maxLag) {
    repository.probe();
    Attempt.nextId(node.run().time().now(), repository);
    Node primary = repository.cluster().getPrimary();
    if (!node.equals(primary)) {
      StandbySource.require(repository.cluster(), node, primary, maxLag);
    }
    Row server =
        node.getSql()
            .row(
                """
                select current_setting('data_directory') as data,
                       current_setting('config_file') as configuration,
                       current_setting('port')::int as port,
                       pg_postmaster_start_time() as started,
                       (select system_identifier::text from pg_control_system()) as identifier,
                       (select sum(pg_tablespace_size(oid))::bigint from pg_tablespace) as size\
                """);
    requireArchiving(primary);
    new WalShipping(primary, repository, 1).requireSpool();
    String data = server.text("data");
    requireSameInstance(node, data, server);
    if (!server.text("configuration").startsWith(data + "/")) {
      node.run()
          .journal()
          .warn(
              "\"%s\" of %s is outside of the data directory, so it is not in the backup"
                  .formatted(server.text("configuration"), node));
    }
    return new BackupPlan(node, primary, data, server.bytes("size"), Compression.of(node));
  }

  private boolean isOfStandby() {
    return !node.equals(primary);
  }

  /**
   * A promoted standby has left what the backup began with; to copy on would be for nothing (P20).
   */
  void requireStillStandby() {
    if (isOfStandby()) {
      node.run()
          .means()
          .outcome(node + " is still a standby", () -> StandbySource.requireInRecovery(node));
    }
  }

  /**
   * The primary's clock: commits, to which the end of a backup is compared, have their times from
   * it.
   */
  Instant time() {
    return primary.getSql().row("select clock_timestamp() as time").instant("time");
  }

  /** Where the files are consistent. */
  Lsn end(BackupLabel label, ControlFile control, Lsn stop) {
    return isOfStandby()
        ? node.run()
            .means()
            .outcome(
                "the backup ends on the timeline on which it began",
                stop,
                () -> StandbySource.end(node, label, control))
        : stop;
  }

  private static void requireArchiving(Node primary) {
    if (primary
        .getSql()
        .value(String.class, "select current_setting('archive_mode')")
        .equals("off")) {
      throw Problem.refused(
              "archive_mode of " + primary + " is off: a backup without its WAL is none")
          .hint(
              "Set archive_mode to on with an archive_command that fills the spool, and restart the"
                  + " server.")
          .state("nothing was changed");
    }
  }

  /** SQL and SSH must end at the same server: addresses, tunnels and containers lie (P4). */
  private static void requireSameInstance(Node node, String data, Row server) {
    var ssh = node.getSsh();
    ControlFile control = ControlFile.read(ssh.read("cat", data + "/global/pg_control").bytes());
    List<String> pid = ssh.read("cat", data + "/postmaster.pid").lines();
    Instant started = Instant.ofEpochSecond(Long.parseLong(pid.get(2).strip()));
    Duration apart = Duration.between(started, server.instant("started")).abs();
    boolean same =
        String.valueOf(control.systemIdentifier()).equals(server.text("identifier"))
            && pid.get(3).strip().equals(server.text("port"))
            && apart.compareTo(SAME_START) <= 0;
    if (!same) {
      throw Problem.refused("SQL and SSH of " + node + " lead to different servers")
          .hint("Compare host and port under sql and ssh in the inventory.")
          .state("nothing was changed");
    }
  }
}
