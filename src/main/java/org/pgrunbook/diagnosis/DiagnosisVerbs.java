package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.pgrunbook.Changes;
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
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS">max_connections</a>
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
   * Where the poolers of the inventory lead the clients of each of their databases, and how many
   * they let wait. One that cannot be asked is told with the reason.
   *
   * @see <a href="https://www.pgbouncer.org/usage.html#show-pools">SHOW POOLS</a>
   */
  public static List<PoolerUse> getPoolerUse(Cluster cluster) {
    return PoolerUse.of(cluster);
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
      Cluster cluster, Clients clients, List<Backend> stuck, List<Backend> idle, String again) {
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
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW">pg_stat_activity</a>
   */
  public static Activity activity(Node node, Protection protection) {
    return Activity.of(Server.of(node), protection);
  }

  /**
   * What the statistics views and the host's disks show, to be kept before anything changes: return
   * it from a step.
   *
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a href="https://www.postgresql.org/docs/current/monitoring-stats.html">The cumulative
   *     statistics system</a>
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
   * What {@link #getTriage} looks for and what is no incident yet, with figures for whoever draws
   * curves of them.
   */
  public static Triage getCheckup(Cluster cluster) {
    return Triage.daily(cluster);
  }

  /**
   * How old the newest backup is.
   *
   * @param newest when it ended; null if there is none
   * @param now the present instant
   */
  public static BackupAge backupAge(Cluster cluster, Instant newest, Instant now) {
    return new BackupAge(
        cluster.spec().name(),
        Thresholds.of(cluster.spec()).backupAge(),
        newest,
        newest == null ? null : Duration.between(newest, now),
        null);
  }

  /**
   * That nobody can tell how old the newest backup is, and why.
   *
   * @param obstacle why, as a fact
   */
  public static BackupAge backupAgeUnknown(Cluster cluster, String obstacle) {
    return new BackupAge(
        cluster.spec().name(), Thresholds.of(cluster.spec()).backupAge(), null, null, obstacle);
  }

  /**
   * The nodes that take writes at this moment, whatever the run has found before, and what tells
   * them apart. Takes a second, in which it sees who writes how much.
   *
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static SplitBrain getSplitBrain(Cluster cluster) {
    return SplitBrain.of(cluster);
  }

  /**
   * How old the newest moment is that can be restored, and how much WAL there is after it.
   *
   * @param newest that moment; null if nothing can be restored
   * @param lastWal the last segment in the repository that leads there; null if there is none
   * @param limit how old it may be while there is WAL after it; null: the threshold
   */
  public static RecoveryPoint recoveryPoint(
      Cluster cluster, Instant newest, String lastWal, Instant now, Duration limit) {
    return RecoveryPoint.of(cluster, newest, lastWal, now, limit);
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
   * How the server would carry out a statement in progress, without carrying it out.
   *
   * @param session of {@link #activity}
   * @return the lines of EXPLAIN
   * @see <a href="https://www.postgresql.org/docs/current/sql-explain.html">EXPLAIN</a>
   */
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
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL">pg_terminate_backend</a>
   */
  @Changes
  public static Ended end(Node node, List<Backend> chosen, Protection protection) {
    return Doubt.repeatable(() -> new Ending(node, protection).end(chosen));
  }

  /**
   * Ends a session as {@link #end} does, but only if one of those that waited for it still does.
   *
   * @param waiting those behind it
   * @param blocker the session that they wait for
   * @param protection whose are never ended
   * @throws Problem with exit 3 if our role lacks pg_signal_backend
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
   * @param chosen sessions of {@link #clients} or {@link #activity}
   * @param protection whose statements are never cancelled
   * @throws Problem with exit 3 if our role lacks pg_signal_backend
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL">pg_cancel_backend</a>
   */
  @Changes
  public static Cancelled cancel(Node node, List<Backend> chosen, Protection protection) {
    return Doubt.repeatable(() -> new Ending(node, protection).cancel(chosen, List.of()));
  }

  /**
   * Cancels the statement of a session as {@link #cancel} does, but only if one of those that
   * waited for it still does.
   *
   * @param waiting those behind it
   * @param blocker the session that they wait for
   * @param protection whose statements are never cancelled
   * @throws Problem with exit 3 if our role lacks pg_signal_backend
   */
  @Changes
  public static Cancelled cancelBlocker(
      Node node, Backend blocker, List<Backend> waiting, Protection protection) {
    return Doubt.repeatable(() -> new Ending(node, protection).cancel(List.of(blocker), waiting));
  }
}
