package org.pgrunbook.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.Control;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Pooler;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.replication.Preflight.Check;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Command;

/**
 * Looks at everything that has made a switchover slow, or left it half done, for somebody before
 * (P70).
 */
final class PreflightChecks {
  private static final int AT_ONCE = 10;

  /** A fast shutdown waits until the archiver has dealt with what is ready. */
  private static final int BACKLOG = 8;

  private static final String PRIMARY =
      """
      select (select system_identifier::text from pg_control_system()) as system_identifier,
             pg_current_wal_lsn()::text as lsn,
             (select count(*) from pg_prepared_xacts) as prepared,
             (select count(*) from pg_stat_activity
              where backend_type = 'client backend' and pid <> pg_backend_pid()
                and xact_start < clock_timestamp() - make_interval(secs => ?::numeric::float8)) as old,
             (select count(*) from pg_stat_progress_basebackup) as backups,
             (select count(*) from pg_ls_archive_statusdir() where name like '%.ready') as ready,
             current_setting('archive_mode') as archive_mode,
             (select case when last_failed_time > coalesce(last_archived_time, '-infinity')
                          then last_failed_wal end from pg_stat_archiver) as failing,
             current_setting('synchronous_standby_names') as sync,
             current_setting('recovery_target_timeline') as target,
             array(select slot_name::text from pg_replication_slots
                   where slot_type = 'logical' and not temporary order by 1) as logical\
      """;

  private static final String STANDBY =
      """
      select coalesce((select status from pg_stat_wal_receiver), 'no receiver') as receiver,
             current_setting('synchronous_standby_names') as sync,
             current_setting('archive_mode') as archive_mode,
             current_setting('recovery_target_timeline') as target,
             current_setting('primary_conninfo') as conninfo,
             current_setting('max_wal_senders')::int as senders,
             current_setting('max_replication_slots')::int
               - (select count(*) from pg_replication_slots)::int as free_slots,
             array(select slot_name::text from pg_replication_slots s
                   where slot_type = 'logical' and to_jsonb(s) ->> 'synced' = 'true'
                     and to_jsonb(s) ->> 'invalidation_reason' is null) as synced\
      """;

  private final Cluster cluster;
  private final Node primary;
  private final Node candidate;
  private final DataSize maxLag;
  private final Duration maxTransaction;
  private final boolean loseSlots;
  private final List<Pooler> poolers;
  private final List<Check> checks = new ArrayList<>();

  PreflightChecks(
      Cluster cluster,
      Node candidate,
      DataSize maxLag,
      Duration maxTransaction,
      boolean loseSlots,
      List<Pooler> poolers) {
    this.cluster = cluster;
    this.primary = cluster.getPrimary();
    this.candidate = candidate;
    this.maxLag = maxLag;
    this.maxTransaction = maxTransaction;
    this.loseSlots = loseSlots;
    this.poolers = List.copyOf(poolers);
  }

  Preflight perform() {
    Row now = primary.getSql().row(PRIMARY, maxTransaction.toMillis() / 1000.0);
    Row next = candidate.getSql().row(STANDBY);
    List<Node> others =
        cluster.getStandbys().stream().filter(node -> !node.equals(candidate)).toList();
    candidate(now, next);
    Parallel.all(others, AT_ONCE, other -> other(other)).forEach(checks::add);
    missing();
    minimums(others);
    room(others, next);
    work(now);
    archiving(now, next);
    slots(now, next);
    commits(now, next);
    control(now);
    audience();
    return new Preflight(List.copyOf(checks));
  }

  private void candidate(Row now, Row next) {
    Replay replay = Replay.of(candidate);
    DataSize lag =
        Lsn.latest(Lsn.parse(now.text("lsn")), replay.replayed()).minus(replay.replayed());
    add(Check.refuses(!streams(next), candidate + " streams", next.text("receiver")));
    add(Check.refuses(lag.compareTo(maxLag) > 0, candidate + " has yet to replay", lag.toString()));
    add(
        Check.refuses(
            next.text("conninfo").isEmpty(),
            candidate + " tells how a standby connects",
            next.text("conninfo").isEmpty() ? "it has no primary_conninfo" : "primary_conninfo"));
    add(latest(primary, now));
  }

  private static Check other(Node other) {
    Row row = other.getSql().row(STANDBY);
    return streams(row)
        ? latest(other, row)
        : Check.warning(true, other + " streams", row.text("receiver"));
  }

  /** P80: another timeline is followed only by those that look for the latest. */
  private static Check latest(Node node, Row row) {
    String target = row.text("target");
    return Check.refuses(
        !target.equals("latest"),
        node + " can follow a new timeline",
        "recovery_target_timeline is " + target);
  }

  private static boolean streams(Row row) {
    return row.text("receiver").equals("streaming");
  }

  private void missing() {
    cluster.getTopology().standings().stream()
        .filter(Standing::isUnknown)
        .forEach(gone -> add(Check.warning(true, gone.node() + " answers", gone.remark())));
  }

  private void minimums(List<Node> others) {
    List<Node> standbys = new ArrayList<>(others);
    standbys.addFirst(primary);
    standbys.forEach(node -> add(Minimums.check(node, candidate)));
  }

  private void room(List<Node> others, Row next) {
    int needed = others.size() + 1;
    long senders = next.number("senders");
    long free = next.number("free_slots");
    add(
        Check.refuses(
            senders < needed,
            candidate + " can feed " + needed + " standbys",
            "max_wal_senders " + senders));
    add(
        Check.refuses(
            free < needed, candidate + " has room for their slots", free + " slots are free"));
  }

  /** What a fast shutdown cuts off, or what keeps it waiting. */
  private void work(Row now) {
    add(
        Check.refuses(
            now.number("old") > 0,
            "transactions older than " + Durations.show(maxTransaction),
            now.text("old")));
    add(
        Check.warning(
            now.number("prepared") > 0,
            "prepared transactions, which go over as they are",
            now.text("prepared")));
    add(Check.refuses(now.number("backups") > 0, "base backups in progress", now.text("backups")));
  }

  private void archiving(Row now, Row next) {
    String mode = now.text("archive_mode");
    String failing = now.text("failing");
    add(
        Check.refuses(
            !mode.equals("off") && failing != null,
            primary + " archives",
            failing == null ? "archive_mode " + mode : "it fails at \"" + failing + "\""));
    add(
        Check.refuses(
            now.number("ready") > BACKLOG,
            "segments that wait for the archiver",
            now.text("ready")));
    add(
        Check.warning(
            !Objects.equals(mode, next.text("archive_mode")),
            candidate + " will archive",
            "archive_mode " + next.text("archive_mode")));
  }

  /** P82: a subscriber whose slot is not there would silently skip what happens meanwhile. */
  private void slots(Row now, Row next) {
    var lost = new TreeSet<>(now.list("logical"));
    next.list("synced").forEach(lost::remove);
    String found = lost.isEmpty() ? "all there" : candidate + " lacks " + lost;
    add(
        loseSlots
            ? Check.warning(!lost.isEmpty(), "logical slots", found)
            : Check.refuses(!lost.isEmpty(), "logical slots", found));
  }

  /** P67: other names on the new primary mean other promises to commits. */
  private void commits(Row now, Row next) {
    add(
        Check.warning(
            !now.text("sync").equals(next.text("sync")),
            "synchronous_standby_names",
            "'%s', on %s '%s'".formatted(now.text("sync"), candidate, next.text("sync"))));
  }

  /** P4: what is stopped has to be what was asked. */
  private void control(Row now) {
    String what = primary + " can be stopped and started from its host";
    if (primary.spec().data().isEmpty()) {
      add(Check.refuses(true, what, "the inventory does not name its data directory"));
      return;
    }
    try {
      boolean same = primary.getPostmaster().isPrimaryOf(now.text("system_identifier"));
      add(
          Check.refuses(
              !same, what, same ? method() : "its data directory is not that of the server"));
    } catch (Problem e) {
      add(Check.refuses(true, what, e.fact()));
    }
  }

  private String method() {
    Command present =
        switch (primary.spec().control()) {
          case Control.PgCtl ignored ->
              Command.probe("test", "-x", primary.getPostmaster().program("pg_ctl"));
          case Control.PgCtlcluster ignored -> allowed("pg_ctlcluster");
          case Control.Systemd ignored ->
              allowed("systemctl", "stop", primary.spec().service().orElse(""));
          case Control.Commands ignored -> Command.probe("true");
        };
    primary.getSsh().run(present);
    return primary
        .spec()
        .control()
        .getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
        .toLowerCase(java.util.Locale.ROOT);
  }

  /** Who may run a few commands as root is often allowed these and no other. */
  private Command allowed(String... command) {
    return Command.probeScript(
        primary.spec().ssh().sudo() ? "sudo -n -l -- \"$@\" >/dev/null" : "command -v \"$1\"",
        command);
  }

  /** Who is told of the new primary. */
  private void audience() {
    Parallel.all(poolers, AT_ONCE, pooler -> new PoolerChecks(pooler, primary).perform())
        .forEach(checks::addAll);
    if (poolers.isEmpty() && !cluster.getPoolers().isEmpty()) {
      add(Check.warning(true, "poolers", "somebody else points them to " + candidate));
    }
    cluster
        .spec()
        .hooks()
        .promoted()
        .ifPresent(hook -> add(new HookCall(cluster, "promoted", hook).check()));
  }

  private void add(Check check) {
    checks.add(check);
  }
}
