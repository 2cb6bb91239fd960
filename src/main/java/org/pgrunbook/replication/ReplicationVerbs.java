package org.pgrunbook.replication;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.pgrunbook.Changes;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.ClusterSpec.Hook;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
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
   * Finds the node that is, or was, the primary, as {@link #getFormerPrimary} does, and asks
   * everybody who could know whether its server lives: itself over SQL, its host over SSH, and its
   * standbys about when they last heard it. All are asked at the same time. Changes nothing.
   *
   * <p>{@link Evidence#requireDown} decides.
   *
   * @param silence how long anybody is waited for: a server or a host that has not answered by then
   *     is taken for silent, and no evidence takes much longer
   * @throws org.pgrunbook.Problem with exit 3 if two nodes take writes, or nothing tells which node
   *     was the primary
   */
  public static Evidence assess(Cluster cluster, Duration silence) {
    return new Assessment(cluster, silence).ofPrimary();
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
   * @see <a href="https://www.postgresql.org/docs/current/warm-standby-failover.html">Failover</a>
   */
  public static Ranking rankStandbys(Cluster cluster, Evidence evidence) {
    return StandbyRanking.after(cluster, evidence).rank();
  }

  /**
   * Compares the standbys of a primary that lives, as {@link #rankStandbys(Cluster, Evidence)}
   * does; what each would lose is what it lags behind at this moment.
   *
   * @param primary the one that lives
   */
  public static Ranking rankStandbys(Cluster cluster, Node primary) {
    return StandbyRanking.behind(cluster, primary).rank();
  }

  /**
   * Keeps the former primary from ever taking writes by itself again: writes {@code standby.signal}
   * into its data directory, disables its service, stops or kills what is left of it, and proves
   * that no process is left. A server that hangs is killed: it would not do what it is told.
   *
   * <p>Where its host is out of reach, or does not get rid of a process, the inventory's hook
   * {@code fence} is called, and its exit status is the proof. A host that is out of reach, and for
   * which the caller vouches, is left alone. Where nobody can read its data directory its service
   * is disabled; without one it takes the hook, or the caller's word.
   *
   * @param evidence of {@link #assess}
   * @param fencedOtherwise a person vouches that a host which does not answer was cut off, or that
   *     a lost data directory does not come back
   * @return by what it was fenced
   * @throws org.pgrunbook.Problem with exit 3 if the server answers again, with exit 1 if it cannot
   *     be stopped within 10 s, or if the hook fails
   * @see <a href="https://www.postgresql.org/docs/current/warm-standby-failover.html">STONITH</a>
   */
  @Changes
  public static Fencing fence(
      Node node, Evidence evidence, Cluster cluster, boolean fencedOtherwise) {
    return Doubt.repeatable(
        () ->
            new Fence(node)
                .close(
                    evidence,
                    cluster
                        .spec()
                        .hooks()
                        .fence()
                        .map(hook -> new HookCall(cluster, "fence", hook)),
                    fencedOtherwise));
  }

  /**
   * Keeps a server that takes writes, although another one of its cluster does too, from ever doing
   * so by itself again: writes {@code standby.signal} into its data directory, disables its
   * service, stops it fast, and proves that no process is left. Its clients are cut off; what they
   * committed stays on its disk, and is nowhere else.
   *
   * @throws org.pgrunbook.Problem with exit 1 if its processes cannot be ended
   */
  @Changes
  public static void fenceWriter(Node node) {
    Doubt.repeatable(() -> new Fence(node).closeAlive());
  }

  /**
   * Whether the inventory has a hook {@code fence}, which cuts a node off whose host cannot be
   * asked to do it.
   */
  public static boolean hasFenceHook(Cluster cluster) {
    return cluster.spec().hooks().fence().isPresent();
  }

  /** Whether the inventory has a hook {@code promoted}, which tells others of a new primary. */
  public static boolean hasPromotedHook(Cluster cluster) {
    return cluster.spec().hooks().promoted().isPresent();
  }

  /** Takes a fence away, so that the server may be started as a primary again; starts nothing. */
  @Changes
  public static void unfence(Node node) {
    Doubt.repeatable(() -> new Fence(node).open());
  }

  /**
   * How far a standby has come; see {@link Replay}.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL">Recovery
   *     control functions</a>
   */
  public static Replay getReplay(Node node) {
    return Replay.of(node);
  }

  /**
   * Ends a standby's recovery and proves that it takes writes on a timeline of its own.
   *
   * @param limit how long it may take to apply what it has received, and to open
   * @throws org.pgrunbook.Problem with exit 1 if it is no primary by then; it may still become one
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL">pg_promote</a>
   */
  @Changes
  public static void promote(Node node, Duration limit) {
    Doubt.repeatable(() -> new Promotion(node).perform(limit));
  }

  /**
   * Commits something: a message in the WAL, which no table keeps and no application sees. So it is
   * proved that transactions begin, reach the disk and, where that is demanded, the synchronous
   * standbys.
   *
   * <p>If the commit waits for synchronous standbys longer than the limit it is given up waiting
   * for, and a warning says so: the commit itself has been made (P66, P67). statement_timeout does
   * not end that wait, so it is cancelled.
   *
   * @param limit how long a commit may take
   * @throws org.pgrunbook.Problem with exit 1 if it cannot write
   * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html">
   *     pg_logical_emit_message</a>
   */
  @Changes
  public static void proveWrite(Node node, Duration limit) {
    long start = node.run().time().nanos();
    commit(node, limit, "on");
    if (node.run().time().since(start).compareTo(limit) >= 0) {
      node.run()
          .journal()
          .warn(
              "%s takes writes, but a commit waited %s for synchronous standbys"
                  .formatted(node, Durations.show(limit)));
    }
  }

  /**
   * Commits something as {@link #proveWrite} does, but waits for no standby: right after a
   * promotion none follows the new primary yet, and every other commit waits until one does (P67).
   *
   * @param limit how long a commit may take
   * @throws org.pgrunbook.Problem with exit 1 if it cannot write
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-SYNCHRONOUS-COMMIT">synchronous_commit</a>
   */
  @Changes
  public static void proveLocalWrite(Node node, Duration limit) {
    commit(node, limit, "local");
  }

  private static void commit(Node node, Duration limit, String synchronous) {
    Doubt.repeatable(
        () ->
            node.getSql()
                .timeout(limit)
                .returning(
                    Row.of(Map.of("lsn", "0/0")),
                    ("select pg_logical_emit_message(true, 'pgrunbook', 'proves that this server"
                            + " takes writes')::text as lsn,"
                            + " set_config('synchronous_commit', '%s', true) as waits")
                        .formatted(synchronous)));
  }

  /**
   * Makes a standby follow another primary: host and port of its primary_conninfo are changed, its
   * slot is created there, and its configuration is reloaded. Returns when it streams, or says why
   * it does not; a standby that has applied WAL beyond the fork is left alone.
   *
   * @param limit how long it may take until it streams
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-PRIMARY-CONNINFO">primary_conninfo</a>
   */
  @Changes
  public static Follower follow(Node node, Node primary, Duration limit) {
    return Doubt.repeatable(() -> new Following(node, primary, limit).perform());
  }

  /**
   * Calls the inventory's hook {@code promoted}, which tells others of a new primary.
   *
   * @param former the primary before it
   * @return what became of it; that it fails holds nothing up
   * @throws org.pgrunbook.Problem with exit 2 if the cluster has no such hook
   */
  @Changes
  public static Told tellOfPromotion(Cluster cluster, Node primary, Node former) {
    Hook hook =
        cluster
            .spec()
            .hooks()
            .promoted()
            .orElseThrow(
                () -> Problem.usage("cluster \"" + cluster + "\" has no hook \"promoted\""));
    return Doubt.repeatable(
        () -> new HookCall(cluster, "promoted", hook).promoted(primary, former));
  }

  /**
   * What a failover has left to do, the most urgent first.
   *
   * @param fencing what keeps the former primary out
   * @param primary the new one
   * @param followers what became of the other standbys
   * @param told what became of the poolers, and of the hook; a pooler that is not there was not
   *     told
   */
  public static List<Repair> repairs(
      Cluster cluster, Fencing fencing, Node primary, List<Follower> followers, List<Told> told) {
    return new Repairs(cluster, fencing.node(), fencing.how(), primary).after(followers, told);
  }

  /**
   * What a switchover has left to do, the most urgent first.
   *
   * @param former the primary before, which is marked as a standby
   * @param primary the new one
   * @param followers what became of all standbys, the former primary among them
   * @param told what became of the poolers, and of the hook; a pooler that is not there was not
   *     told
   */
  public static List<Repair> repairs(
      Cluster cluster, Node former, Node primary, List<Follower> followers, List<Told> told) {
    return new Repairs(cluster, former, "marked by its standby.signal", primary)
        .after(followers, told);
  }
}
