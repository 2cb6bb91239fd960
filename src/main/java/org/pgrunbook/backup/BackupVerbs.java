package org.pgrunbook.backup;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;

/** The verbs of backup and restore, as runbooks use them on clusters and nodes. */
public final class BackupVerbs {
  private BackupVerbs() {}

  /**
   * Where the cluster's backups and WAL are.
   *
   * @throws org.pgrunbook.Problem with exit 2 if the inventory names none
   */
  public static Repository getRepository(Cluster cluster) {
    return cluster.once(Repository.class, () -> new Repository(cluster));
  }

  /**
   * Looks at everything that could forbid a backup of the node's files: whether SQL and SSH lead to
   * the same server, whether the primary archives its WAL, whether the repository lets us in; of a
   * standby also whether it follows the primary, and how closely.
   *
   * @param maxLag how much WAL a standby may have yet to replay
   * @throws org.pgrunbook.Problem with exit 3 if it must not be taken
   * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html">Continuous
   *     archiving</a>
   */
  public static BackupPlan planBackup(Node node, Repository repository, DataSize maxLag) {
    return BackupPlan.of(node, repository, maxLag);
  }

  /**
   * What interrupted backups have left, of which the next may take over what is proved to be the
   * same.
   */
  public static Interrupted getInterrupted(Repository repository) {
    return Interrupted.of(repository);
  }

  /**
   * Brings what the archive_command has left in the host's spool into the repository, the oldest
   * first. Nothing is overwritten there; what is proved to be stored is removed from the spool.
   *
   * @param processes how many files at once
   * @throws org.pgrunbook.Problem with exit 1 if the repository holds another file of that name,
   *     with exit 3 if the spool is not there, with exit 2 if the inventory names none
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-ARCHIVE-COMMAND">archive_command</a>
   */
  @Changes
  public static Shipped shipWal(Node node, Repository repository, int processes) {
    return Doubt.repeatable(() -> new WalShipping(node, repository, processes).ship());
  }

  /**
   * The files that wait in the host's spool to be shipped, histories first.
   *
   * @throws org.pgrunbook.Problem with exit 3 if the host has no such folder
   */
  public static List<String> spooled(Node node, Repository repository) {
    return new WalShipping(node, repository, 1).spooled();
  }

  /**
   * Closes the open WAL segment, so that everything written up to now is archived, and ships until
   * it is in the repository. On an idle server a restore point is written first: a segment without
   * WAL is not closed (P19).
   *
   * @param processes how many files at once
   * @param limit how long all of it may take
   * @throws org.pgrunbook.Problem with exit 1 if it is not archived within the limit
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP">pg_switch_wal</a>
   */
  @Changes
  public static Shipped shipCurrentWal(
      Node node, Repository repository, int processes, Duration limit) {
    return Doubt.repeatable(
        () ->
            new WalShipping(node, repository, processes)
                .shipUntil(List.of(WalShipping.closeSegment(node)), limit));
  }

  /**
   * Ships until the repository holds all WAL between a backup's start and its end.
   *
   * @param backup what {@link BackupPlan#take} gave
   * @param processes how many files at once
   * @param limit how long all of it may take
   * @throws org.pgrunbook.Problem with exit 1 if it does not within the limit, saying what the
   *     archiver says
   */
  @Changes
  public static Shipped shipWal(
      Node node, Repository repository, BackupSummary backup, int processes, Duration limit) {
    return Doubt.repeatable(
        () -> new WalShipping(node, repository, processes).shipUntil(backup.wal(), limit));
  }

  /**
   * Looks at where a restore goes.
   *
   * @param existing what may be done with data that is there: {@code REFUSE}, {@code ASIDE} moves
   *     it beside, {@code DELTA} replaces what differs
   * @throws org.pgrunbook.Problem with exit 3 if a server runs there, if it is not empty, or if
   *     something is missing
   */
  public static Ground lookAtGround(Node node, RestorePlan plan, Existing existing) {
    return Ground.of(node, plan, existing);
  }

  /**
   * Unpacks the backup's files on the node; the server cannot start yet.
   *
   * @param processes how many archives are unpacked at once
   * @throws org.pgrunbook.Problem with exit 1 if an object is missing or damaged
   */
  @Changes
  public static void restoreFiles(
      Node node, RestorePlan plan, Repository repository, int processes) {
    Doubt.repeatable(() -> new Restore(node, plan, repository).files(processes));
  }

  /**
   * Makes what is there the backup's files: replaces what differs, removes what is not in it,
   * leaves alone what is the same to the byte. The server cannot start yet.
   *
   * @param processes how many archives are compared and unpacked at once
   * @throws org.pgrunbook.Problem with exit 1 if an object is missing or damaged
   */
  @Changes
  public static Delta restoreDelta(
      Node node, RestorePlan plan, Repository repository, int processes) {
    return Doubt.repeatable(() -> new DeltaRestore(node, plan, repository).perform(processes));
  }

  /**
   * Fetches the WAL that recovery reads to a folder beside the data directory.
   *
   * @param processes how many segments at once
   * @throws org.pgrunbook.Problem with exit 1 if one is missing or damaged
   */
  @Changes
  public static void fetchWal(Node node, RestorePlan plan, Repository repository, int processes) {
    Doubt.repeatable(() -> new Restore(node, plan, repository).wal(processes));
  }

  /**
   * Writes the recovery settings and takes away what would reach into the cluster that the backup
   * is of: archiving, replication, synchronous standbys, subscriptions.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-ARCHIVE-RECOVERY">Archive
   *     recovery</a>
   */
  @Changes
  public static void configureRecovery(Node node, RestorePlan plan) {
    Doubt.repeatable(() -> new Recovery(node, plan).configure());
  }

  /**
   * Puts {@code global/pg_control} in place, after all else is on the disk: from here on the server
   * can start.
   */
  @Changes
  public static void makeStartable(Node node, RestorePlan plan, Repository repository) {
    Doubt.repeatable(() -> new Restore(node, plan, repository).controlFile());
  }

  /**
   * Starts the server and waits until recovery has come to the target, where it pauses.
   *
   * @param limit how long recovery may take
   * @throws org.pgrunbook.Problem with exit 1 if it ends elsewhere, or takes longer
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET">Recovery
   *     target</a>
   */
  @Changes
  public static Proof recover(Node node, RestorePlan plan, Duration limit) {
    return Doubt.repeatable(() -> new Recovery(node, plan).reachTarget(limit));
  }

  /**
   * Proves that recovery stopped where it should.
   *
   * @throws org.pgrunbook.Problem with exit 1 if it did not
   */
  public static void prove(Node node, RestorePlan plan, Proof proof) {
    new Recovery(node, plan).require(proof);
  }

  /**
   * Ends recovery, so that the server takes writes on a timeline of its own.
   *
   * @param limit how long it may take
   * @throws org.pgrunbook.Problem with exit 1 if it does not within the limit
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL">pg_promote</a>
   */
  @Changes
  public static void endRecovery(Node node, RestorePlan plan, Duration limit) {
    Doubt.repeatable(() -> new Recovery(node, plan).open(limit));
  }

  /** Where a restored server listens, that it is detached from its cluster, and what to do next. */
  public static RestoredCopy restoredCopy(Node node, RestorePlan plan) {
    return RestoredCopy.of(node, plan);
  }

  /**
   * Chooses the backup for a target and proves that the WAL leads to it.
   *
   * @param backup the backup's id; null: the newest that ended before the target
   * @param timeline the timeline to follow; null: the newest that the backup leads to
   * @param tablespaces {@code OLD=/new/location} for each that goes elsewhere
   * @throws org.pgrunbook.Problem with exit 3 if the target cannot be reached
   * @see <a
   *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES">Timelines</a>
   */
  public static RestorePlan planRestore(
      Repository repository,
      RecoveryTarget target,
      String backup,
      Integer timeline,
      List<String> tablespaces) {
    return new RestorePlanner(repository, target)
        .plan(Optional.ofNullable(backup), Optional.ofNullable(timeline), tablespaces);
  }
}
