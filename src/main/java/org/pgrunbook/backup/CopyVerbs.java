package org.pgrunbook.backup;

import java.util.Optional;
import org.pgrunbook.Changes;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;

/** The verbs that bring a cluster's files onto a node that is to be a standby. */
public final class CopyVerbs {
  private CopyVerbs() {}

  /**
   * Refuses unless the files of a running server could be copied onto the node: it has the same
   * major version, and enough room.
   *
   * @throws org.pgrunbook.Problem with exit 3
   */
  public static void requireRoomFor(Node node, Node source) {
    new DirectCopy(source, node, 1).requireRoom();
  }

  /**
   * Refuses unless a backup could be restored onto the node, whose data are moved aside before: it
   * has the same major version, the tools, enough room, and nothing where a tablespace goes.
   *
   * @throws org.pgrunbook.Problem with exit 3
   */
  public static void requireRoomFor(Node node, RestorePlan plan) {
    new Room(node).requireFor(plan);
  }

  /**
   * Copies the files of a running server straight onto the node, whose data directory is empty. WAL
   * is not among them: what starts there has to stream it from {@code start} on. A copy that was
   * cut short says so in a file {@code COPY_UNFINISHED}, and is begun anew.
   *
   * @param processes how many pack and unpack at once
   * @throws org.pgrunbook.Problem with exit 3 if the node has data, a server or another version
   */
  @Changes
  public static Copied copyFrom(Node node, Node source, int processes) {
    return Doubt.repeatable(() -> new DirectCopy(source, node, processes).perform());
  }

  /**
   * Chooses the backup to make a standby of, and looks whether all of it is there. Which WAL comes
   * after it is for {@link #withWalUpTo} to say.
   *
   * @param primary the one that the standby is to follow
   * @param backup the backup's id; null: the newest that is of the primary's history
   * @throws org.pgrunbook.Problem with exit 3 if there is none, if it is of another history, or if
   *     an object is missing
   */
  public static RestorePlan planStandby(Repository repository, Node primary, String backup) {
    return new StandbyPlanner(repository, primary).choose(Optional.ofNullable(backup));
  }

  /**
   * The same plan with the WAL that leads from the backup to where the primary keeps it for the
   * standby; {@link BackupVerbs#shipCurrentWal} brings that far what is still on its host.
   *
   * @param slot the standby's slot on the primary
   * @throws org.pgrunbook.Problem with exit 3 if a segment or a history is missing, with exit 1 if
   *     the WAL ends too early
   */
  public static RestorePlan withWalUpTo(
      Repository repository, RestorePlan plan, Node primary, String slot) {
    return new StandbyPlanner(repository, primary).withWal(plan, slot);
  }

  /**
   * Fetches the plan's WAL into {@code pg_wal}, where a standby reads it before it streams.
   *
   * @param processes how many segments at once
   * @throws org.pgrunbook.Problem with exit 1 if one is missing or damaged
   */
  @Changes
  public static void fetchWalInPlace(
      Node node, RestorePlan plan, Repository repository, int processes) {
    Doubt.repeatable(() -> new Restore(node, plan, repository).walInPlace(processes));
  }
}
