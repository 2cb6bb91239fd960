package org.pgrunbook.backup;

import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.BackupLabel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * What has to be so that the files of a standby, with the WAL of its primary, make a backup.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP">Making
 *     a base backup using the low level API</a>
 */
final class StandbySource {
  private static final String UNCHANGED = "nothing was changed";

  private StandbySource() {}

  /**
   * Refuses a node that is no standby of this primary, or one too far behind; and a primary that
   * does not write whole pages, without which a page that was torn in copying stays torn (P11).
   */
  static void require(Cluster cluster, Node node, Node primary, DataSize maxLag) {
    if (!cluster.getStandbys().contains(node)) {
      throw Problem.refused("%s is no standby of %s".formatted(node, primary))
          .hint("Leave the parameter from out: the primary's files are read then.")
          .state(UNCHANGED);
    }
    Row leader =
        primary
            .getSql()
            .row(
                """
                select current_setting('full_page_writes') = 'on' as whole,
                       pg_current_wal_lsn()::text as lsn,
                       (select system_identifier::text from pg_control_system()) as identifier,
                       ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline\
                """);
    Row follower =
        node.getSql()
            .row(
                """
                select pg_last_wal_replay_lsn()::text as lsn,
                       (select system_identifier::text from pg_control_system()) as identifier,
                       (select timeline_id from pg_control_checkpoint()) as timeline\
                """);
    if (!follower.text("identifier").equals(leader.text("identifier"))) {
      throw Problem.refused("%s is of another database system than %s".formatted(node, primary))
          .state(UNCHANGED);
    }
    if (!leader.bool("whole")) {
      throw Problem.refused(
              "full_page_writes of %s is off: files of a standby are no backup then"
                  .formatted(primary))
          .hint("Set it to on, run CHECKPOINT, and wait until the standby has replayed that.")
          .hint("Or leave the parameter from out: for its own backups a primary turns it on.")
          .state(UNCHANGED);
    }
    Lsn replayed = Lsn.parse(follower.text("lsn"));
    DataSize lag = Lsn.parse(leader.text("lsn")).minus(replayed);
    if (lag.compareTo(maxLag) > 0) {
      throw Problem.refused(
              "%s is %s behind %s, more than %s".formatted(node, lag, primary, maxLag))
          .hint("Let it catch up, name another standby, or give -p maxLag=SIZE.")
          .state(UNCHANGED);
    }
    if (!follower.number("timeline").equals(leader.number("timeline"))) {
      throw Problem.refused(
              "%s has its last restartpoint on timeline %d, %s is on timeline %d"
                  .formatted(node, follower.number("timeline"), primary, leader.number("timeline")))
          .hint("Run CHECKPOINT on the primary and then on the standby.")
          .state(UNCHANGED);
    }
  }

  static void requireInRecovery(Node node) {
    if (!node.getSql().value(Boolean.class, "select pg_is_in_recovery()")) {
      throw Problem.failed("%s was promoted while its files were read".formatted(node))
          .hint("Take a new backup: what was read is of two timelines.");
    }
  }

  /**
   * Where the files are consistent. No record in the WAL says it, as it does of a primary's: the
   * server goes by what {@code pg_control}, which was read last, says of itself.
   */
  static Lsn end(Node node, BackupLabel label, ControlFile control) {
    ControlFile.Recovery recovery = control.recovery();
    if (!label.fromStandby() || recovery.minimumEndTimeline() != label.timeline()) {
      throw Problem.failed(
              "%s went from timeline %d to %d while its files were read"
                  .formatted(node, label.timeline(), recovery.minimumEndTimeline()))
          .hint("Take a new backup: what was read is of two timelines.");
    }
    return recovery.minimumEnd();
  }
}
