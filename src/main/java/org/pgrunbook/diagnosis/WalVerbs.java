package org.pgrunbook.diagnosis;

import java.time.Duration;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;

/** The verbs on what becomes of a server's WAL, as runbooks use them on nodes. */
public final class WalVerbs {
  private WalVerbs() {}

  /**
   * The replication slots that nobody uses, and what they keep.
   *
   * @param limit how much WAL one may keep
   * @see <a
   *     href="https://www.postgresql.org/docs/current/view-pg-replication-slots.html">pg_replication_slots</a>
   */
  public static InactiveSlots inactiveSlots(Node node, DataSize limit) {
    return InactiveSlots.of(Server.of(node), limit);
  }

  /**
   * Drops a slot, if still nobody uses it and it keeps what it kept when it was chosen. Whoever
   * used it has to be built anew.
   *
   * @param slot of {@link #inactiveSlots}
   * @return whether it was dropped
   * @throws Problem with exit 3 if our role lacks REPLICATION
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-REPLICATION">pg_drop_replication_slot</a>
   */
  @Changes
  public static boolean dropSlot(Node node, InactiveSlots.Slot slot) {
    return Doubt.repeatable(() -> slot.drop(Server.of(node)));
  }

  /**
   * How a server archives its WAL.
   *
   * @param longer how long the archive may be behind while WAL waits for it
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW">pg_stat_archiver</a>
   */
  public static Archiving archiving(Node node, Duration longer) {
    return Archiving.of(Server.of(node), longer);
  }

  /**
   * How far the receivers of a server's WAL are behind, stage by stage.
   *
   * @param limit how much WAL one may be behind
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW">pg_stat_replication</a>
   */
  public static ReplicationLag replicationLag(Node node, DataSize limit) {
    return ReplicationLag.of(Server.of(node), limit);
  }

  /**
   * What keeps a standby from replaying what it has received.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT">Query
   *     conflicts</a>
   */
  public static ReplayObstacles getReplayObstacles(Node node) {
    return ReplayObstacles.of(Server.of(node));
  }

  /**
   * What is in its pg_wal, and what keeps it there.
   *
   * @param limit how much old WAL it may hold; null: twice its max_wal_size
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a href="https://www.postgresql.org/docs/current/wal-configuration.html">WAL
   *     configuration</a>
   */
  public static WalUsage walUsage(Node node, DataSize limit) {
    return WalUsage.of(Server.of(node), limit);
  }

  /**
   * How often a primary has to write a checkpoint, from two looks.
   *
   * @param over how long to wait between them
   * @param limit how often one may come because of WAL
   * @throws Problem with exit 3 on a standby
   */
  public static Checkpoints checkpoints(Node node, Duration over, Duration limit) {
    return Checkpoints.over(Server.of(node), over, limit);
  }

  /**
   * The standbys that have to confirm its commits, and who waits for them.
   *
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a
   *     href="https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION">Synchronous
   *     replication</a>
   */
  public static SyncStandbys getSyncStandbys(Node node) {
    return SyncStandbys.of(Server.of(node));
  }

  /**
   * Whether a standby gets its WAL from the server that it follows; takes some seconds if its
   * receiver has just been started.
   *
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW">pg_stat_wal_receiver</a>
   */
  public static StandbyStream getStandbyStream(Node node) {
    return StandbyStream.steady(Server.of(node));
  }

  /**
   * What a primary still has of what a standby needs to go on.
   *
   * @param standby of {@link #getStandbyStream}
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static StandbyStream.Kept keptFor(Node primary, StandbyStream standby) {
    return standby.kept(Server.of(primary));
  }

  /**
   * The value of one of its settings, as SHOW shows it.
   *
   * @throws Problem with exit 2 if that is no name of a setting
   * @see <a href="https://www.postgresql.org/docs/current/sql-show.html">SHOW</a>
   */
  public static String setting(Node node, String name) {
    return new Configuration(node, name).value();
  }

  /**
   * Changes a setting that needs no restart: writes it into postgresql.auto.conf and lets the
   * server read it, which takes up to 10 s. It is not the configuration of your own, which should
   * say the same.
   *
   * @throws Problem with exit 3 if our role must not
   * @see <a href="https://www.postgresql.org/docs/current/sql-altersystem.html">ALTER SYSTEM</a>
   */
  @Changes
  public static void alterSystem(Node node, String name, String value) {
    new Configuration(node, name).set(value);
  }
}
