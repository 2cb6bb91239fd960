package org.pgrunbook.backup;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * A backup that is about to be taken, after everything that could forbid it was looked at.
 *
 * @param id the backup's id
 * @param node the node that the files are read from
 * @param data its data directory
 * @param size of its databases, before compression
 * @param compression what the host can do
 */
public record BackupPlan(
    String id, Node node, String data, DataSize size, Compression compression) {
  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Both clocks read a second or so apart, and the pid file has whole seconds. */
  private static final Duration SAME_START = Duration.ofSeconds(3);

  /**
   * Copies the files while the server works, and leaves a draft of the manifest in the repository.
   *
   * @param processes how many read on the host at once
   * @param level how hard to compress, 1 to 19
   */
  @Changes
  public BackupSummary take(Repository repository, int processes, int level) {
    if (processes < 1) {
      throw Problem.usage(processes + " processes copy nothing").hint("Give 1 or more.");
    }
    // The session of a backup that was cut short is gone, and the backup with it.
    return Doubt.repeatable(
        () -> {
          Manifest manifest = new BaseBackup(this, repository, processes, level).take();
          repository.draft(manifest);
          return BackupSummary.of(manifest);
        });
  }

  /**
   * Looks at the primary, its archiving and the repository; refuses what would not make a backup.
   */
  static BackupPlan of(Node node, Repository repository) {
    repository.probe();
    Row server =
        node.getSql()
            .row(
                """
                select current_setting('data_directory') as data,
                       current_setting('config_file') as configuration,
                       current_setting('archive_mode') as archive_mode,
                       current_setting('port')::int as port,
                       pg_postmaster_start_time() as started,
                       (select system_identifier::text from pg_control_system()) as identifier,
                       (select sum(pg_tablespace_size(oid))::bigint from pg_tablespace) as size\
                """);
    requireArchiving(node, server.text("archive_mode"));
    new WalShipping(node, repository, 1).requireSpool();
    String data = server.text("data");
    requireSameInstance(node, data, server);
    if (!server.text("configuration").startsWith(data + "/")) {
      node.run()
          .journal()
          .warn(
              "\"%s\" of %s is outside of the data directory, so it is not in the backup"
                  .formatted(server.text("configuration"), node));
    }
    return new BackupPlan(
        newId(node.run().time().now(), repository),
        node,
        data,
        server.bytes("size"),
        Compression.of(node));
  }

  private static void requireArchiving(Node node, String mode) {
    if (mode.equals("off")) {
      throw Problem.refused("archive_mode of " + node + " is off: a backup without its WAL is none")
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

  /** Ids come from the clock, so one that does not rise says that the clock is wrong (P22). */
  private static String newId(Instant now, Repository repository) {
    String id = ID.format(now) + "-full";
    repository.ids().stream()
        .filter(other -> other.compareTo(id) >= 0)
        .findFirst()
        .ifPresent(
            other -> {
              throw Problem.refused(
                      "backup \"" + other + "\" is not older than now, \"" + id + "\"")
                  .hint("Is there clock skew between this machine and the one that took it?")
                  .state("nothing was changed");
            });
    return id;
  }
}
