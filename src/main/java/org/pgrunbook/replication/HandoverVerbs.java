package org.pgrunbook.replication;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Pooler;

/** The verbs of switchover and rejoin, as runbooks use them on clusters and nodes. */
public final class HandoverVerbs {
  private static final String COLLATION_MISMATCHES =
      """
      select datname from pg_database
      where datcollversion is distinct from pg_database_collation_actual_version(oid)
        and datallowconn order by 1\
      """;

  private HandoverVerbs() {}

  /**
   * Looks at everything that could make a switchover slow, or leave it half done; changes nothing
   * and refuses nothing.
   *
   * @param candidate the standby to promote
   * @param maxLag how much WAL it may have yet to replay
   * @param maxTransaction how old the oldest transaction on the primary may be: it will be cut off
   * @param loseSlots whether logical slots that the candidate lacks are no obstacle
   * @param poolers those whose clients will be held back and led to the candidate
   * @see Preflight#requirePassed
   */
  public static Preflight preflight(
      Cluster cluster,
      Node candidate,
      DataSize maxLag,
      Duration maxTransaction,
      boolean loseSlots,
      List<Pooler> poolers) {
    return new PreflightChecks(cluster, candidate, maxLag, maxTransaction, loseSlots, poolers)
        .perform();
  }

  /**
   * The slots, by their names, that a standby lacks for the primary and the others to follow it.
   *
   * @see #reserveSlots
   */
  public static List<String> slotsLacking(Node candidate, Node primary, List<Node> others) {
    return new Handover(primary, candidate).lacking(others);
  }

  /** The slot, by its name, that the primary lacks for a node to follow it; none if it is there. */
  public static List<String> slotsLacking(Node primary, Node standby) {
    return Slots.lacking(primary, List.of(Slots.named(standby)));
  }

  /**
   * Makes these slots, so that the server keeps WAL for who will follow it from now on. Those that
   * are there stay.
   */
  @Changes
  public static void reserveSlots(Node server, List<String> names) {
    Doubt.repeatable(() -> names.forEach(name -> Slots.keep(server, name)));
  }

  /**
   * Drops those of these slots that nobody uses.
   *
   * @return how many
   */
  @Changes
  public static int dropSlots(Node node, List<String> names) {
    int dropped = Doubt.repeatable(() -> Slots.drop(node, names));
    // Those that are gone were dropped by the run that this one goes on with.
    return node.run().means().wasBegun() ? Slots.lacking(node, names).size() : dropped;
  }

  /**
   * Drops the slots by which a node still keeps WAL for the primary, and for standbys that stream
   * from the primary now (P81). A slot is of one standby: one that is in use there and of the same
   * name is the same.
   *
   * @return how many
   */
  @Changes
  public static int dropSlotsInUseOn(Node node, Node primary) {
    return dropSlots(node, Slots.needless(primary));
  }

  /**
   * Writes down on a primary that it is a standby from its next start on; it works on as it did
   * until then. Whoever restarts it in between starts no second primary (P68).
   */
  @Changes
  public static void markAsStandby(Node primary) {
    Doubt.repeatable(() -> new Fence(primary).mark());
  }

  /** Writes a checkpoint now, so that the one of the shutdown has little left to write. */
  @Changes
  public static void checkpoint(Node node, Duration limit) {
    Doubt.repeatable(() -> node.getSql().timeout(limit).execute("checkpoint"));
  }

  /**
   * Stops a primary fast, and proves from its pg_control that it was shut down cleanly.
   *
   * @return where its last record begins, the shutdown checkpoint
   * @throws Problem with exit 1 if it does not stop in time: it is still going down
   */
  @Changes
  public static Lsn stopCleanly(Node primary, Duration limit) {
    return new Handover(primary, primary).stop(limit);
  }

  /**
   * Whether a standby has applied the record that begins there, and so everything before it.
   *
   * @param record where the record begins
   */
  public static boolean hasApplied(Node standby, Lsn record) {
    return Replay.of(standby).replayed().compareTo(record) > 0;
  }

  /**
   * Takes {@link #markAsStandby} and {@link #stopCleanly} back: the node takes writes again as the
   * primary that it was. Only as long as no standby was promoted (P71).
   *
   * @throws Problem with exit 1 if it does not within the limit
   */
  @Changes
  public static void takeWritesAgain(Node primary, Duration limit) {
    new Handover(primary, primary).takeBack(limit);
  }

  /**
   * Starts a former primary that was {@linkplain #markAsStandby marked} as a standby of the new
   * one, waits until it streams, and drops the slots on it that the others no longer use.
   *
   * @return what became of it; that it does not follow holds nothing up
   */
  @Changes
  public static Follower comeBack(Node former, Node primary, List<Node> others, Duration limit) {
    return Doubt.repeatable(() -> new Handover(former, primary).comeBack(others, limit));
  }

  /**
   * How a node's WAL differs from the primary's, and so how it can come back. Changes nothing.
   *
   * @throws Problem with exit 3 if it holds another database system
   */
  public static Divergence compareWith(Node node, Node primary) {
    return new Comparison(node, primary).perform();
  }

  /** Stops a server fast, if it runs, and proves that no process is left. */
  @Changes
  public static void stop(Node node, Duration limit) {
    new Return(node).stop(limit);
  }

  /**
   * Brings what only this host has of the common history into its spool, from where it can be
   * shipped. What it has beyond the fork stays where it is.
   *
   * @return the names of the segments
   */
  @Changes
  public static List<String> spoolUnarchived(Node node, Divergence found, String spool) {
    return Doubt.repeatable(() -> new Return(node).spoolUnarchived(found, spool));
  }

  /** Copies configuration and WAL beside the data directory, and returns where they are. */
  @Changes
  public static String keepAside(Node node, Instant now) {
    return Doubt.repeatable(() -> new Aside(node).keep(now));
  }

  /**
   * Moves the data directory aside, and returns where it is.
   *
   * @param now of when its name tells
   */
  @Changes
  public static String moveDataAside(Node node, Instant now) {
    return new Aside(node).moveAside(now);
  }

  /**
   * Takes {@link #moveDataAside} back, if it was done. A copy that was not finished is removed from
   * its place; a finished one is stopped, and kept beside with the ending {@code .copy}.
   *
   * @param then the instant that {@link #moveDataAside} was given
   */
  @Changes
  public static void moveDataBack(Node node, Instant then, Duration limit) {
    new Aside(node).moveBack(then, limit);
  }

  /** Puts the configuration files that were kept or moved aside back into the data directory. */
  @Changes
  public static void putBackConfiguration(Node node, String aside) {
    Doubt.repeatable(() -> new Aside(node).putBackConfiguration(aside));
  }

  /**
   * Takes back what a node has and the primary has not, by <a
   * href="https://www.postgresql.org/docs/current/app-pgrewind.html">pg_rewind</a>.
   *
   * @throws Problem with exit 1 if that fails; then only a clone helps
   */
  @Changes
  public static void rewind(Node node, Node primary, Duration limit) {
    new Return(node).rewind(primary, limit);
  }

  /** Makes the slot by which a node will follow the primary, unless it is there; its name. */
  @Changes
  public static String reserveSlotFor(Node primary, Node standby) {
    return Doubt.repeatable(() -> Return.slot(standby, primary));
  }

  /**
   * Writes into the configuration of a server that is down that it is a standby of the primary.
   *
   * @param slot the slot that it uses
   * @throws Problem with exit 3 if no node of the cluster has a primary_conninfo
   */
  @Changes
  public static void configureStandby(Node node, Cluster cluster, Node primary, String slot) {
    Doubt.repeatable(() -> new StandbyConfiguration(node).configure(cluster, primary, slot));
  }

  /**
   * Takes what is left of a fence away, starts the server unless it runs, and waits until it
   * streams from the primary.
   *
   * @throws Problem with exit 1 if it does not within the limit
   */
  @Changes
  public static void startFollowing(Node node, Node primary, Duration limit) {
    Doubt.repeatable(() -> new Return(node).start(primary, limit));
  }

  /** Whether there is anything in the node's data directory. */
  public static boolean hasData(Node node) {
    return new Return(node).hasData();
  }

  /** Gives a copy of another server its own port and cluster_name. */
  @Changes
  public static void nameItself(Node node) {
    Doubt.repeatable(() -> new StandbyConfiguration(node).nameItself());
  }

  /**
   * The databases whose text indexes are not to be trusted on this server, because its collations
   * are of another version than those that sorted them (P52).
   */
  public static List<String> collationMismatches(Node node) {
    return node.run()
        .means()
        .outcome(
            "the collations of " + node + " are those that sorted its text indexes",
            List.of(),
            () ->
                node.getSql().rows(COLLATION_MISMATCHES).stream()
                    .map(row -> row.text("datname"))
                    .toList());
  }

  /** Keeps a server from being started again by its host; does not stop it. */
  @Changes
  public static void disable(Node node) {
    Doubt.repeatable(() -> new Fence(node).disable());
  }

  /**
   * The slot that a standby asks for; of one that cannot be asked the slot that {@link
   * #reserveSlotFor} would make.
   */
  public static String getSlotName(Node standby) {
    try {
      return Slots.of(standby);
    } catch (Problem e) {
      if (e.exit() == Exit.UNREACHABLE) {
        return Slots.named(standby);
      }
      throw e;
    }
  }
}
