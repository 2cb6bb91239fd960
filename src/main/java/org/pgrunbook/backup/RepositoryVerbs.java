package org.pgrunbook.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.RepositorySpec;

/** What is done with a repository as a whole: verified, expired, held. */
public final class RepositoryVerbs {
  private RepositoryVerbs() {}

  /**
   * Reads every object of a backup and compares it with the manifest: each object's SHA-256, the
   * files in the archives, and the checksums of their pages if the cluster has any.
   *
   * @param processes how many objects are read at once
   * @throws Problem with exit 3 if there is no such backup; what is damaged is in the result
   */
  public static VerifiedBackup verify(Repository repository, String id, int processes) {
    return new Verifier(repository, processes).backup(id);
  }

  /**
   * Reads the WAL from the oldest of these backups on to the end of the archive, along the newest
   * timeline of each, and proves that every record is whole and follows the one before.
   *
   * @param backups their ids
   */
  public static VerifiedWal verifyWal(Repository repository, List<String> backups) {
    return new WalVerifier(repository).along(backups);
  }

  /**
   * Ends the run if there is any damage.
   *
   * @param damages of {@link #verify} and {@link #verifyWal}
   * @throws Problem with exit 1 that names each damaged or missing object
   */
  public static void requireSound(Repository repository, List<Damage> damages) {
    if (!damages.isEmpty()) {
      String are = damages.size() == 1 ? "1 object is" : damages.size() + " objects are";
      String named = damages.stream().map(damage -> "\n  " + damage).collect(Collectors.joining());
      throw Problem.failed(are + " damaged or missing in the repository:" + named)
          .hint(
              "Take a new backup now: pgrunbook run backup/base-backup "
                  + repository.cluster()
                  + ".")
          .hint("WAL may still be in pg_wal or in the spool of a node.")
          .hint("If the bucket keeps versions, an earlier one of the object may be sound.")
          .state("nothing was changed");
    }
  }

  /**
   * The pages of a backup taken with {@code checks=inline} that were damaged on the server's disk:
   * their checksum is wrong, and the WAL of the backup, which has to be in the repository, does not
   * write them anew. A page that was only torn, because it was copied while it was being written,
   * is none of them.
   *
   * @see <a href="https://www.postgresql.org/docs/current/checksums.html">Data checksums</a>
   */
  public static List<Manifest.Page> damagedPages(Repository repository, BackupSummary backup) {
    return repository
        .cluster()
        .run()
        .means()
        .outcome(
            "no page was damaged on the server's disk",
            List.of(),
            () -> RewrittenPages.damaged(repository, repository.drafted(backup.id())));
  }

  /**
   * Ends the run if pages were damaged on the server's disk already.
   *
   * @param damaged of {@link #damagedPages}
   * @throws Problem with exit 1 that names each of them
   */
  public static void requireSoundPages(
      Repository repository, BackupSummary backup, List<Manifest.Page> damaged) {
    if (!damaged.isEmpty()) {
      String are = damaged.size() == 1 ? "1 page is" : damaged.size() + " pages are";
      String named = damaged.stream().map(page -> "\n  " + page).collect(Collectors.joining());
      throw Problem.failed("%s damaged on the disk of %s:%s".formatted(are, backup.node(), named))
          .hint(
              "Look at it now: pgrunbook run incident/checksum-failure %s."
                  .formatted(repository.cluster()))
          .hint("A restore of an older backup may have them whole: the WAL writes them once more.")
          .state(
              "backup \"%s\" is kept; it does not count when backups expire"
                  .formatted(backup.id()));
    }
  }

  /** How far the cluster can be restored: its backups, the windows of time, the gaps in the WAL. */
  public static Recoverability getRecoverability(Repository repository) {
    return new Survey(repository).take();
  }

  /**
   * Reads a part of what a restore would download, and tells how long all of it takes.
   *
   * @param processes how many objects would be read at once
   */
  public static Estimate estimate(Repository repository, RestorePlan plan, int processes) {
    return Estimate.of(repository, plan, processes);
  }

  /**
   * The ids of the backups to look at: the given one, or all, or the newest.
   *
   * @throws Problem with exit 3 if there is none
   */
  public static List<String> choose(Repository repository, String id, boolean all) {
    if (id != null) {
      repository.requireExists(id);
      return List.of(id);
    }
    List<String> ids = repository.ids();
    if (ids.isEmpty()) {
      throw repository.none();
    }
    // Ids begin with the time of their start.
    return all ? ids : List.of(ids.getLast());
  }

  /**
   * Decides what is kept by the retention of the inventory and by holds; deletes nothing.
   *
   * @param full how many full backups to keep; null: as in the inventory
   * @param window how far back a restore must be possible; null: as in the inventory
   * @param abandonedAfter from which age on an unfinished backup is nobody's any more
   * @throws Problem with exit 2 if nothing says how much to keep, with exit 3 if there is no sound
   *     backup
   */
  public static ExpiryPlan planExpiry(
      Repository repository, Integer full, Duration window, Duration abandonedAfter) {
    RepositorySpec spec = repository.cluster().spec().repository().orElseThrow();
    Retention retention =
        full == null && window == null
            ? new Retention(spec.keepFull(), spec.window())
            : new Retention(Optional.ofNullable(full), Optional.ofNullable(window));
    return new Expiry(repository).plan(retention, abandonedAfter);
  }

  /**
   * Deletes a backup: its manifest first, then its objects. Killed at any moment it leaves nothing
   * that claims to be a backup and is none.
   *
   * @throws Problem with exit 3 if it is held
   */
  @Changes
  public static void expire(Repository repository, String id) {
    new Expiry(repository).delete(id);
  }

  /**
   * Deletes what a backup has left that was never finished.
   *
   * @param id its folder, of {@link ExpiryPlan#unfinished}
   */
  @Changes
  public static void deleteUnfinished(Repository repository, String id) {
    new Expiry(repository).deleteUnfinished(id);
  }

  /**
   * Deletes the WAL that none of the backups needs which are there now.
   *
   * @return what was deleted
   */
  @Changes
  public static ExpiryPlan.Wal expireWal(Repository repository, ExpiryPlan plan) {
    return new Expiry(repository).deleteWal(plan);
  }

  /**
   * Keeps a backup, whatever the retention says.
   *
   * @param until when the hold ends by itself; null: never
   * @param reason why, for whoever asks in a year
   * @param laterWal whether all WAL after it is kept too, so that any later moment can be restored
   * @throws Problem with exit 3 if there is no such backup
   */
  @Changes
  public static void hold(
      Repository repository, String id, String reason, Instant until, boolean laterWal) {
    repository.requireExists(id);
    new Holds(repository).put(id, reason, Optional.ofNullable(until), laterWal);
  }

  /**
   * The committed transactions that took rows or tables away, as the WAL in the repository tells;
   * it reads that WAL, from the moment on at which all was well.
   *
   * @param since when all was still well; what was taken away before is not looked for
   * @param until when it had happened
   * @param rows from how many rows on, deleted or written anew, a transaction is suspected
   * @throws Problem with exit 3 if there is no backup
   */
  public static Suspects suspects(Repository repository, Instant since, Instant until, long rows) {
    return Suspects.find(repository, since, until, rows);
  }

  /**
   * Takes a hold away.
   *
   * @return what its reason was; null if there was none
   */
  @Changes
  public static String release(Repository repository, String id) {
    Holds holds = new Holds(repository);
    // A run that goes on finds it gone by its own doing.
    String reason =
        repository
            .cluster()
            .run()
            .means()
            .once("why " + id + " is held", () -> holds.of(id).map(Hold::reason).orElse(null));
    holds.delete(id);
    return reason;
  }
}
