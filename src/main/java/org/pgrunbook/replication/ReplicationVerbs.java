package org.pgrunbook.replication;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.replication.Evidence.Verdict;
import org.pgrunbook.sql.Row;

/** The verbs of failover, as runbooks use them on clusters and nodes. */
public final class ReplicationVerbs {
  private ReplicationVerbs() {}

  /**
   * The node that is, or was, the primary: the one that takes writes; else the declared one if it
   * is out of reach; else the only one out of reach.
   *
   * @throws org.pgrunbook.Problem with exit 3 if two take writes, or nothing tells which one it was
   */
  public static Node getFormerPrimary(Cluster cluster) {
    return cluster.getTopology().formerPrimary();
  }

  /**
   * Asks everybody who could know whether the node's server lives: itself over SQL, its host over
   * SSH, and its standbys about when they last heard it. Changes nothing and refuses nothing.
   *
   * @see Evidence#requireDown
   */
  public static Evidence assess(Node node, Cluster cluster) {
    return new Assessment(node).with(cluster);
  }

  /**
   * Compares the standbys: by timeline history, then by LSN, then by priority. Those with {@code
   * failover: never}, a recovery_min_apply_delay or a paused replay come last, with the reason.
   *
   * <p>What each would lose is the WAL between its end and the end of the dead primary's WAL, which
   * is read from the primary's disk; it is not known if that host is out of reach. It counts WAL
   * whose commits were never acknowledged too, and rows change far less than WAL grows: it is an
   * upper bound of the harm.
   *
   * @param evidence about the former primary
   */
  public static Ranking rankStandbys(Cluster cluster, Evidence evidence) {
    return StandbyRanking.after(cluster, evidence).rank();
  }

  /**
   * Compares the standbys of a primary that lives, as {@link #rankStandbys(Cluster, Evidence)}
   * does; what each would lose is what it lags behind at this moment.
   */
  public static Ranking rankStandbys(Cluster cluster, Node primary) {
    return StandbyRanking.behind(cluster, primary).rank();
  }

  /**
   * Looks at everything that could make a switchover slow, or leave it half done; changes nothing
   * and refuses nothing.
   *
   * @param candidate the standby to promote
   * @param maxLag how much WAL it may have yet to replay
   * @param maxTransaction how old the oldest transaction on the primary may be: it will be cut off
   * @param loseSlots whether logical slots that the candidate lacks are no obstacle
   * @see Preflight#requirePassed
   */
  public static Preflight preflight(
      Cluster cluster,
      Node candidate,
      DataSize maxLag,
      Duration maxTransaction,
      boolean loseSlots) {
    return new PreflightChecks(cluster, candidate, maxLag, maxTransaction, loseSlots).perform();
  }

  /**
   * Makes the slots on a standby by which the primary and the others will follow it, so that it
   * keeps WAL for them from now on. Slots that are there stay.
   *
   * @return the names of those that were not there yet
   */
  public static List<String> reserveSlots(Node candidate, Node primary, List<Node> others) {
    return new Handover(primary, candidate).reserve(others);
  }

  /** Drops those of these physical slots that nobody uses. */
  public static void dropSlots(Node node, List<String> names) {
    Slots.drop(node, names);
  }

  /**
   * Writes down on a primary that, from its next start on, it is a standby of the candidate; it
   * works on as it did until then.
   */
  public static void prepareToFollow(Node primary, Node candidate) {
    new Handover(primary, candidate).prepare();
  }

  /** Writes a checkpoint now, so that the one of the shutdown has little left to write. */
  public static void checkpoint(Node node, Duration limit) {
    node.getSql().timeout(limit).execute("checkpoint");
  }

  /**
   * Stops a primary fast, and proves from its pg_control that it was shut down cleanly.
   *
   * @return where its last record begins, the shutdown checkpoint
   * @throws org.pgrunbook.Problem with exit 1 if it does not stop in time: it is still going down
   */
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
   * Takes {@link #prepareToFollow} and {@link #stopCleanly} back: the node takes writes again as
   * the primary that it was. Only as long as no standby was promoted (P71).
   *
   * @throws org.pgrunbook.Problem with exit 1 if it does not within the limit
   */
  public static void takeWritesAgain(Node primary, Duration limit) {
    new Handover(primary, primary).takeBack(limit);
  }

  /**
   * Starts a former primary that was {@linkplain #prepareToFollow prepared} as a standby of the new
   * one, waits until it streams, and drops the slots on it that the others no longer use.
   *
   * @return what became of it; that it does not follow holds nothing up
   */
  public static Follower comeBack(Node former, Node primary, List<Node> others, Duration limit) {
    return new Handover(former, primary).comeBack(others, limit);
  }

  /**
   * Keeps the former primary from ever taking writes by itself again: writes {@code standby.signal}
   * into its data directory, disables its service, stops or kills what is left of it, and proves
   * that no process is left. Does nothing to a host that is out of reach, for which the caller has
   * vouched.
   *
   * @throws org.pgrunbook.Problem with exit 3 if the server answers again, with exit 1 if it cannot
   *     be stopped within 10 s
   */
  public static void fence(Node node, Evidence evidence) {
    if (evidence.verdict() == Verdict.OUT_OF_REACH) {
      node.run().journal().warn(node + " is out of reach, and fenced only as far as you know");
    } else {
      new Fence(node).close();
    }
  }

  /** Takes a fence away, so that the server may be started as a primary again; starts nothing. */
  public static void unfence(Node node) {
    new Fence(node).open();
  }

  /** How far a standby has come; see {@link Replay}. */
  public static Replay getReplay(Node node) {
    return Replay.of(node);
  }

  /**
   * Ends a standby's recovery and proves that it takes writes on a timeline of its own.
   *
   * @param limit how long it may take to apply what it has received, and to open
   * @throws org.pgrunbook.Problem with exit 1 if it is no primary by then; it may still become one
   */
  public static void promote(Node node, Duration limit) {
    new Promotion(node).perform(limit);
  }

  /**
   * Commits something: a message in the WAL, which no table keeps and no application sees. So it is
   * proved that transactions begin, reach the disk and, where that is demanded, the synchronous
   * standbys.
   *
   * <p>If the commit waits for synchronous standbys longer than the limit it is given up waiting
   * for, and a warning says so: the commit itself has been made (P66, P67).
   *
   * @param limit how long a commit may take
   * @throws org.pgrunbook.Problem with exit 1 if it cannot write
   * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html">
   *     pg_logical_emit_message</a>
   */
  public static void proveWrite(Node node, Duration limit) {
    long start = node.run().time().nanos();
    node.getSql()
        .timeout(limit)
        .returning(
            Row.of(Map.of("lsn", "0/0")),
            "select pg_logical_emit_message(true, 'pgrunbook', 'proves that this server takes"
                + " writes')::text as lsn");
    if (node.run().time().since(start).compareTo(limit) >= 0) {
      node.run()
          .journal()
          .warn(
              "%s takes writes, but a commit waited %s for synchronous standbys"
                  .formatted(node, Durations.show(limit)));
    }
  }

  /**
   * Makes a standby follow another primary: host and port of its primary_conninfo are changed, its
   * slot is created there, and its configuration is reloaded. Returns when it streams, or says why
   * it does not; a standby that has applied WAL beyond the fork is left alone.
   *
   * @param limit how long it may take until it streams
   */
  public static Follower follow(Node node, Node primary, Duration limit) {
    return new Following(node, primary, limit).perform();
  }

  /**
   * What a failover has left to do, the most urgent first.
   *
   * @param old the former primary
   * @param primary the new one
   * @param followers what became of the other standbys
   */
  public static List<Repair> repairs(
      Cluster cluster, Node old, Node primary, List<Follower> followers) {
    return new Repairs(cluster, old, primary).after(followers);
  }

  /**
   * How a node's WAL differs from the primary's, and so how it can come back. Changes nothing.
   *
   * @throws org.pgrunbook.Problem with exit 3 if it holds another database system
   */
  public static Divergence compareWith(Node node, Node primary) {
    return new Comparison(node, primary).perform();
  }

  /** Stops a server fast, if it runs, and proves that no process is left. */
  public static void stop(Node node, Duration limit) {
    new Return(node).stop(limit);
  }

  /**
   * Brings what only this host has of the common history into its spool, from where it can be
   * shipped. What it has beyond the fork stays where it is.
   *
   * @return the names of the segments
   */
  public static List<String> spoolUnarchived(Node node, Divergence found, String spool) {
    return new Return(node).spoolUnarchived(found, spool);
  }

  /** Copies configuration and WAL beside the data directory, and returns where they are. */
  public static String keepAside(Node node, Instant now) {
    return new Return(node).keep(now);
  }

  /** Moves the data directory aside, and returns where it is. */
  public static String moveDataAside(Node node, Instant now) {
    return new Return(node).moveAside(now);
  }

  /** Takes {@link #moveDataAside} back, unless a whole data directory is in its place. */
  public static void moveDataBack(Node node, String aside) {
    new Return(node).moveBack(aside);
  }

  /** Puts the configuration files that were kept or moved aside back into the data directory. */
  public static void putBackConfiguration(Node node, String aside) {
    new Return(node).putBackConfiguration(aside);
  }

  /**
   * Takes back what a node has and the primary has not, by {@code pg_rewind}.
   *
   * @throws org.pgrunbook.Problem with exit 1 if that fails; then only a clone helps
   */
  public static void rewind(Node node, Node primary, Duration limit) {
    new Return(node).rewind(primary, limit);
  }

  /** Makes the slot by which a node will follow the primary, unless it is there; its name. */
  public static String reserveSlotFor(Node primary, Node standby) {
    return Return.slot(standby, primary);
  }

  /**
   * Writes into the configuration of a server that is down that it is a standby of the primary.
   *
   * @param slot the slot that it uses
   * @throws org.pgrunbook.Problem with exit 3 if no node of the cluster has a primary_conninfo
   */
  public static void configureStandby(Node node, Cluster cluster, Node primary, String slot) {
    new Return(node).configure(cluster, primary, slot);
  }

  /**
   * Takes what is left of a fence away, starts the server unless it runs, and waits until it
   * streams from the primary.
   *
   * @throws org.pgrunbook.Problem with exit 1 if it does not within the limit
   */
  public static void startFollowing(Node node, Node primary, Duration limit) {
    new Return(node).start(primary, limit);
  }
}
