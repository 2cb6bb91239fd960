package org.pgrunbook.backup;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Doubt.Settlement;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.PostgresConf;
import org.pgrunbook.postgres.Postmaster;
import org.pgrunbook.postgres.WalHeader;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Command;

/**
 * The recovery of a restored node: up to its target, where it pauses so that it can be proved, and
 * on from there to a server that takes writes.
 */
final class Recovery {
  private static final Duration POLL = Duration.ofMillis(100);

  private static final DataSize PAGE_HEADER = new DataSize(WalHeader.LENGTH);

  /** What an earlier recovery, or the source's own, may have left behind (P42, P48). */
  private static final List<String> CLEARED =
      List.of(
          "recovery_target",
          "recovery_target_time",
          "recovery_target_lsn",
          "recovery_target_name",
          "recovery_target_xid",
          "recovery_target_inclusive",
          "recovery_end_command",
          "archive_cleanup_command",
          "recovery_min_apply_delay",
          "primary_conninfo",
          "primary_slot_name");

  /** Needed for the recovery only. */
  private static final List<String> TEMPORARY =
      List.of(
          "restore_command",
          "recovery_target",
          "recovery_target_inclusive",
          "recovery_target_timeline",
          "recovery_target_action",
          "recovery_target_time",
          "recovery_target_lsn",
          "recovery_target_name",
          "recovery_target_xid");

  private final Node node;
  private final String data;
  private final String file;
  private final RestorePlan plan;

  Recovery(Node node, RestorePlan plan) {
    this.node = node;
    this.data = node.getPostmaster().getData();
    this.file = data + "/postgresql.auto.conf";
    this.plan = plan;
  }

  /**
   * Writes the recovery settings, and takes away what would reach into the cluster that the backup
   * is of.
   */
  void configure() {
    PostgresConf conf = read();
    for (String name : CLEARED) {
      conf = conf.without(name);
    }
    for (Map.Entry<String, String> setting : settings().entrySet()) {
      conf = conf.with(setting.getKey(), setting.getValue());
    }
    write(conf);
    node.getSsh().run("touch", data + "/recovery.signal");
  }

  private PostgresConf read() {
    Command read = Command.probeScript("[ ! -e \"$1\" ] || cat \"$1\"", file);
    return PostgresConf.parse(node.getSsh().run(read).text());
  }

  private void write(PostgresConf conf) {
    node.getSsh().write(file, conf.toString().getBytes(StandardCharsets.UTF_8));
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    // 1 to 125 means "not in the archive" and ends recovery; anything else that goes wrong has to
    // abort it (P45).
    settings.put(
        "restore_command",
        "test -e \"%1$s/%%f\" || exit 1; cp \"%1$s/%%f\" \"%%p\" || exit 200"
            .formatted(Restore.walFolder(data)));
    settings.put("recovery_target_timeline", String.valueOf(plan.timeline()));
    settings.put("recovery_target_action", toTheEnd() ? "promote" : "pause");
    settings.putAll(plan.target().settings());
    settings.put("hot_standby", "on");
    // Not the successor: it must not write into the archive of the cluster it is a copy of (P47).
    settings.put("archive_mode", "off");
    settings.put("synchronous_standby_names", "");
    settings.put("max_logical_replication_workers", "0");
    settings.put("port", String.valueOf(node.spec().sql().port()));
    // A standby with less than its primary had cannot replay what that did (P49).
    StandbySettings.NAMES.forEach(name -> settings.put(name, plan.backup().settings().get(name)));
    return settings;
  }

  /**
   * Starts the server and waits until recovery has come to its target.
   *
   * @throws Problem with exit 1 if the server gives up, or does not get there in time
   */
  Proof reachTarget(Duration limit) {
    start(limit);
    Proof assumed = new Proof(plan.target().toString(), null, Lsn.NONE, plan.timeline());
    return node.run()
        .means()
        .outcome("recovery comes to " + plan.target(), assumed, () -> awaitTarget(limit));
  }

  private Proof awaitTarget(Duration limit) {
    long start = node.run().time().nanos();
    while (true) {
      Row state = state();
      boolean paused = "paused".equals(state.text("pause"));
      if (paused && raiseSettings()) {
        node.getPostmaster().stop(Postmaster.Stop.FAST, limit);
        start(limit);
        continue;
      }
      if (toTheEnd() ? !state.bool("in_recovery") : paused) {
        return new Proof(
            plan.target().toString(),
            state.instant("last_commit"),
            Lsn.parse(state.text("lsn")),
            plan.timeline());
      }
      if (!state.bool("in_recovery")) {
        throw Problem.failed("recovery ended without reaching " + plan.target());
      }
      if (node.run().time().since(start).compareTo(limit) > 0) {
        throw Problem.failed(
                "recovery did not reach " + plan.target() + " within " + Durations.show(limit))
            .state("it goes on by itself on " + node);
      }
      node.run().time().sleep(POLL);
    }
  }

  private boolean toTheEnd() {
    return plan.target().kind() == RecoveryTarget.Kind.LATEST;
  }

  private void start(Duration limit) {
    try {
      node.getPostmaster().start(limit);
    } catch (Problem e) {
      if (!raiseSettings()) {
        throw e;
      }
      start(limit);
    }
  }

  /**
   * The settings that recovery needs may have been raised since the backup. Where it replays that,
   * it gives up, or pauses as if it were at its target (P49); pg_control then says what it needs.
   */
  private boolean raiseSettings() {
    PostgresConf before = read();
    PostgresConf raised =
        StandbySettings.raised(before, node.getPostmaster().controlFile().settings());
    if (raised.equals(before)) {
      return false;
    }
    write(raised);
    return true;
  }

  private Row state() {
    try {
      return node.getSql()
          .row(
              """
              select pg_is_in_recovery() as in_recovery,
                     case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() end as pause,
                     pg_last_xact_replay_timestamp() as last_commit,
                     coalesce(pg_last_wal_replay_lsn(), '0/0')::text as lsn\
              """);
    } catch (Problem e) {
      if (node.getPostmaster().isRunning()) {
        throw e;
      }
      throw Problem.failed("recovery of " + node + " gave up before it reached " + plan.target())
          .hint("The server's log ends with:\n" + node.getPostmaster().endOfLog())
          .because(e);
    }
  }

  /** Proves that it stopped where it should: no transaction after the target was replayed (P54). */
  void require(Proof proof) {
    node.run().means().outcome("it stopped at " + plan.target(), () -> requireStopped(proof));
  }

  private void requireStopped(Proof proof) {
    RecoveryTarget target = plan.target();
    boolean right =
        switch (target.kind()) {
          case TIME -> proof.lastCommit() == null || !target.isStoppedBy(proof.lastCommit());
          // Where a record begins on a new page the one before it has ended before the page's
          // header.
          case LSN ->
              (target.inclusive() ? proof.lsn() : proof.lsn().plus(PAGE_HEADER))
                  .reaches(target.lsn());
          case IMMEDIATE -> proof.lsn().reaches(plan.backup().stopLsn());
          case NAME, XID, LATEST -> true; // PostgreSQL pauses at no other point than this
        };
    if (!right) {
      throw Problem.failed(
          "recovery stopped at %s, last commit %s, not at %s"
              .formatted(proof.lsn(), proof.lastCommit(), plan.target()));
    }
  }

  /** Ends recovery: a new timeline begins and the server takes writes. */
  void open(Duration limit) {
    if (!toTheEnd()) {
      Doubt.settledBy(
          () -> "paused".equals(state().text("pause")) ? Settlement.NOT_DONE : Settlement.DONE,
          () -> node.getSql().returning(Row.of(Map.of()), "select pg_wal_replay_resume()"));
    }
    node.run().means().outcome(node + " takes writes", () -> awaitWrites(limit));
    for (String name : TEMPORARY) {
      node.getSql().execute("alter system reset " + name);
    }
    node.getSsh().run("rm", "--recursive", "--force", "--", Restore.walFolder(data));
  }

  private void awaitWrites(Duration limit) {
    if (!node.run().time().until(() -> !state().bool("in_recovery"), limit, POLL)) {
      throw Problem.failed(node + " did not leave recovery within " + Durations.show(limit));
    }
  }
}
