package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.ClusterSpec.Protection;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Sql;

/** The verbs of diagnosis, as runbooks use them on clusters and nodes. */
public final class DiagnosisVerbs {
  private DiagnosisVerbs() {}

  /**
   * The cluster as it really is: {@code cluster.status}. That a node cannot be asked is part of the
   * answer.
   *
   * @throws Problem with exit 1 if a node goes away while it is asked
   */
  public static ClusterStatus getStatus(Cluster cluster) {
    return ClusterStatus.of(cluster);
  }

  /**
   * From when on figures are worth a warning or an act.
   *
   * @throws Problem with exit 2 if the inventory gives one that cannot be read
   */
  public static Thresholds getThresholds(Cluster cluster) {
    return Thresholds.of(cluster.spec());
  }

  /** Whose sessions are never ended: the cluster's {@code protected} in the inventory. */
  public static Protection getProtection(Cluster cluster) {
    return cluster.spec().protection();
  }

  /**
   * How many connections are taken, and how many there are.
   *
   * @throws Problem with exit 5 if not even one is left for us
   */
  public static ConnectionUsage getConnectionUsage(Node node) {
    return ConnectionUsage.of(node);
  }

  /** The limits of their own that roles and databases have, and how much of them is taken. */
  public static List<ConnectionLimit> getConnectionLimits(Node node) {
    return ConnectionLimit.of(node);
  }

  /**
   * Why a server that runs lets us not in: what it says if every connection is taken that our role
   * may have; empty if it lets us in.
   *
   * @throws Problem with exit 5 if it cannot be reached for another reason
   */
  public static String getWhyFull(Node node) {
    try {
      node.getSql().value(Integer.class, "select 1");
      return "";
    } catch (Problem e) {
      if (Sql.full(e)) {
        return e.fact();
      }
      throw e;
    }
  }

  /**
   * The sessions of clients as the host's processes show them: for a server that lets nobody in.
   *
   * @throws Problem with exit 2 if the inventory does not name the data directory, 5 if the host
   *     cannot be reached
   */
  public static ServerProcesses getServerProcesses(Node node) {
    return ServerProcesses.of(node);
  }

  /**
   * What can be done about connections that run out, the safest first; it depends on who holds the
   * most of them, and in which state.
   *
   * @param clients all sessions
   * @param stuck those idle in a transaction that may be ended
   * @param idle idle ones of one application that may be ended
   * @param again the command that ends them
   */
  public static List<Rung> advise(
      Cluster cluster, Clients clients, List<Client> stuck, List<Client> idle, String again) {
    return new Advice(cluster.spec(), clients).ladder(stuck, idle, again);
  }

  /**
   * All sessions of clients at this moment, without our own.
   *
   * @param protection whose are never ended
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static Clients clients(Node node, Protection protection) {
    return Clients.of(node, protection);
  }

  /**
   * Every process of the server at this moment, without our own session.
   *
   * @param protection whose sessions are never ended
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static Activity activity(Node node, Protection protection) {
    return Activity.of(Server.of(node), protection);
  }

  /**
   * What the statistics views and the host's disks show, to be kept before anything changes: return
   * it from a step.
   *
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static Snapshot getEvidence(Node node) {
    return Snapshot.of(node);
  }

  /**
   * What is wrong with a cluster, and what is fine: all of its nodes, looked at all at once. That a
   * node cannot be asked is part of the answer.
   */
  public static Triage getTriage(Cluster cluster) {
    return Triage.of(cluster);
  }

  /**
   * A place to practise an incident.
   *
   * @throws Problem with exit 3 unless the inventory gives the node the tag {@code drill}
   */
  public static Drill getDrill(Node node) {
    return Drill.on(node);
  }

  /**
   * The replication slots that nobody uses, and what they keep.
   *
   * @param limit how much WAL one may keep
   */
  public static InactiveSlots inactiveSlots(Node node, DataSize limit) {
    return InactiveSlots.of(Server.of(node), limit);
  }

  /**
   * Drops a slot, if still nobody uses it and it keeps what it kept when it was chosen. Whoever
   * used it has to be built anew.
   *
   * @return whether it was dropped
   * @throws Problem with exit 3 if our role lacks REPLICATION
   */
  @Changes
  public static boolean dropSlot(Node node, InactiveSlots.Slot slot) {
    return slot.drop(Server.of(node));
  }

  /**
   * How a server archives its WAL.
   *
   * @param longer how long the archive may be behind while WAL waits for it
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static Archiving archiving(Node node, Duration longer) {
    return Archiving.of(Server.of(node), longer);
  }

  /**
   * How far the receivers of a server's WAL are behind, stage by stage.
   *
   * @param limit how much WAL one may be behind
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static ReplicationLag replicationLag(Node node, DataSize limit) {
    return ReplicationLag.of(Server.of(node), limit);
  }

  /** What keeps a standby from replaying what it has received. */
  public static ReplayObstacles getReplayObstacles(Node node) {
    return ReplayObstacles.of(Server.of(node));
  }

  /**
   * The transactions that were prepared for a two-phase commit and not decided.
   *
   * @param longer how long one may wait
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static PreparedTransactions preparedTransactions(Node node, Duration longer) {
    return PreparedTransactions.of(Server.of(node), longer);
  }

  /**
   * Commits a prepared transaction or rolls it back, in its database, if it still is the one that
   * was chosen. What the other databases of its distributed transaction did is not known here.
   *
   * @return whether it was still there
   */
  public static boolean decide(
      Node node, PreparedTransactions.Prepared chosen, PreparedTransactions.Outcome outcome) {
    return PreparedTransactions.decide(node, chosen, outcome);
  }

  /** The indexes of all databases whose build failed. */
  public static InvalidIndexes getInvalidIndexes(Node node) {
    return InvalidIndexes.of(Server.of(node));
  }

  /**
   * Builds an invalid index anew without blocking writes; drops it if it only was left beside its
   * original. Takes up to 12 hours.
   *
   * @throws Problem with exit 3 if it is not invalid any more
   */
  public static void mend(Node node, InvalidIndexes.Index index) {
    InvalidIndexes.mend(node, index);
  }

  /**
   * How much of their numbers the sequences of all databases have used.
   *
   * @param limit from how many percent on it is too much
   */
  public static Sequences sequences(Node node, int limit) {
    return Sequences.of(Server.of(node), limit);
  }

  /**
   * Gives a sequence the numbers of a bigint, if its column can hold them.
   *
   * @throws Problem with exit 3 if it cannot
   */
  public static void widen(Node node, Sequences.Sequence sequence) {
    Sequences.widen(node, sequence);
  }

  /** How the server would carry out a statement in progress, without carrying it out. */
  public static List<String> plan(Node node, Backend session) {
    return RunawayQueries.plan(node, session);
  }

  /**
   * Ends sessions, ten at a time, and waits up to 5 seconds for each. A session that has done
   * anything since it was chosen is left alone, and so is one that is protected, whatever was
   * chosen. What the session's transaction did is rolled back.
   *
   * @param chosen sessions of {@link #clients} or {@link #activity}
   * @param protection whose are never ended
   * @throws Problem with exit 3 if our role lacks pg_signal_backend
   */
  @Changes
  public static Ended end(Node node, List<? extends Endable> chosen, Protection protection) {
    return Doubt.repeatable(() -> new Ending(node, protection).end(chosen));
  }

  /**
   * Ends a session as {@link #end} does, but only if one of those that waited for it still does.
   *
   * @param waiting those behind it
   */
  @Changes
  public static Ended endBlocker(
      Node node, Backend blocker, List<Backend> waiting, Protection protection) {
    return Doubt.repeatable(() -> new Ending(node, protection).endBlocker(blocker, waiting));
  }

  /**
   * Cancels the statements that sessions carry out; the sessions stay. Whoever has done anything
   * since it was chosen, or is protected, is left alone.
   *
   * @throws Problem with exit 3 if our role lacks pg_signal_backend
   */
  @Changes
  public static Cancelled cancel(Node node, List<? extends Endable> chosen, Protection protection) {
    return Doubt.repeatable(() -> new Ending(node, protection).cancel(chosen, List.of()));
  }

  /**
   * Cancels the statement of a session as {@link #cancel} does, but only if one of those that
   * waited for it still does.
   *
   * @param waiting those behind it
   */
  @Changes
  public static Cancelled cancelBlocker(
      Node node, Backend blocker, List<Backend> waiting, Protection protection) {
    return Doubt.repeatable(() -> new Ending(node, protection).cancel(List.of(blocker), waiting));
  }
}
