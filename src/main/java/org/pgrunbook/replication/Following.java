package org.pgrunbook.replication;

import java.time.Duration;
import java.util.Map;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.sql.Row;

/**
 * Makes a standby follow a new primary, without a restart (P80).
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-replication.html">
 *     primary_conninfo</a>
 */
final class Following {
  private static final Duration POLL = Duration.ofMillis(50);

  private static final String SETTINGS =
      """
      select current_setting('primary_conninfo') as conninfo,
             current_setting('primary_slot_name') as slot,
             current_setting('recovery_target_timeline') as target\
      """;

  private static final String STREAMS =
      """
      select exists (select from pg_stat_wal_receiver
                     where status = 'streaming' and received_tli >= ?::integer) as streams,
             case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end as paused\
      """;

  private final Node standby;
  private final Node primary;
  private final Duration limit;

  Following(Node standby, Node primary, Duration limit) {
    this.standby = standby;
    this.primary = primary;
    this.limit = limit;
  }

  /** A standby that cannot follow is one more thing to repair, and holds nothing up. */
  Follower perform() {
    try {
      return attempt();
    } catch (Problem e) {
      standby.run().journal().warn(standby + " does not follow " + primary + ": " + e.fact());
      return new Follower(standby, false, e.fact());
    }
  }

  private Follower attempt() {
    Row settings = standby.getSql().row(SETTINGS);
    if (!settings.text("target").equals("latest")) {
      throw Problem.failed(
          "its recovery_target_timeline is \"%s\"; set it to latest and restart it"
              .formatted(settings.text("target")));
    }
    Standing leader = Standing.of(primary);
    requireBeforeFork(TimelineHistory.of(primary, leader.timeline()));
    if (!settings.text("slot").isEmpty()) {
      Slots.keep(primary, settings.text("slot"));
    }
    redirect(Conninfo.parse(settings.text("conninfo")));
    if (Replay.of(standby).paused()) {
      throw paused();
    }
    awaitStream();
    return new Follower(standby, true, "");
  }

  /** What it has applied beyond the fork is in its data files, and only a rewind takes it out. */
  private void requireBeforeFork(TimelineHistory history) {
    Replay now = Replay.of(standby);
    Replay replay =
        standby
            .run()
            .means()
            .outcome(standby + " has applied what it received", now, () -> applied(now));
    if (!history.contains(replay.timeline(), replay.replayed())) {
      Lsn fork = history.forkOf(replay.timeline()).orElse(Lsn.NONE);
      throw Problem.failed(
          "it has applied WAL up to %s, beyond %s where timeline %d begins; rewind or reclone it"
              .formatted(replay.replayed(), fork, history.timeline()));
    }
  }

  /** How far it is when it has applied all, will apply no more, or the limit is over. */
  private Replay applied(Replay now) {
    long start = standby.run().time().nanos();
    Replay replay = now;
    while (!replay.done()
        && !replay.paused()
        && standby.run().time().since(start).compareTo(limit) < 0) {
      standby.run().time().sleep(POLL);
      replay = Replay.of(standby);
    }
    return replay;
  }

  private void redirect(Conninfo conninfo) {
    conninfo.password().ifPresent(standby.run().secrets()::register);
    String there = conninfo.to(primary.spec().host(), primary.spec().sql().port()).toString();
    standby
        .getSql()
        .execute("alter system set primary_conninfo = '" + there.replace("'", "''") + "'");
    standby
        .getSql()
        .returning(Row.of(Map.of("reloaded", true)), "select pg_reload_conf() as reloaded");
  }

  /** Waits until it streams what the primary writes. */
  void awaitStream() {
    standby
        .run()
        .means()
        .outcome(
            standby + " streams from " + primary,
            () -> awaitStream(Standing.of(primary).timeline()));
  }

  private void awaitStream(int timeline) {
    long start = standby.run().time().nanos();
    Row now = standby.getSql().row(STREAMS, timeline);
    while (!now.bool("streams")) {
      if (now.bool("paused")) {
        throw paused();
      }
      if (standby.run().time().since(start).compareTo(limit) > 0) {
        throw Problem.failed(
            "it does not stream timeline %d within %s; look into its log"
                .formatted(timeline, Durations.show(limit)));
      }
      standby.run().time().sleep(POLL);
      now = standby.getSql().row(STREAMS, timeline);
    }
  }

  private static Problem paused() {
    return Problem.failed("its replay is paused; it streams once that is resumed");
  }
}
