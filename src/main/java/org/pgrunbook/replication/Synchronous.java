package org.pgrunbook.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.replication.SyncPlan.Member;
import org.pgrunbook.sql.Row;

/**
 * Changes for whom commits wait. A name that nobody goes by makes every commit hang, so only
 * standbys are named that stream at this moment, by the name that they stream under.
 */
final class Synchronous {
  private static final int AT_ONCE = 10;

  private static final String PRIMARY =
      """
      select current_setting('synchronous_standby_names') as names,
             current_setting('synchronous_commit') as wanted,
             array(select application_name from pg_stat_replication where state = 'streaming')
               as streaming\
      """;

  private static final String STANDBY =
      """
      select current_setting('primary_conninfo') as conninfo,
             current_setting('cluster_name') as cluster_name,
             current_setting('synchronous_standby_names') as names\
      """;

  private static final String CONFIRMED =
      """
      select count(*) from pg_stat_replication
      where sync_state in ('sync', 'quorum') and application_name = any(?::text[])
        and case current_setting('synchronous_commit')
              when 'remote_write' then write_lsn
              when 'remote_apply' then replay_lsn
              else flush_lsn end > ?::pg_lsn\
      """;

  private final Node primary;

  Synchronous(Node primary) {
    this.primary = primary;
  }

  /**
   * Looks whether it can be, and what it would mean.
   *
   * @throws Problem with exit 3 if commits would hang, or exit 2 if it makes no sense
   */
  SyncPlan plan(List<Node> standbys, int number, SyncMethod method) {
    if (number > standbys.size() && !standbys.isEmpty()) {
      throw Problem.refused(
              "%d of %d standbys can never confirm: every commit would wait for ever"
                  .formatted(number, standbys.size()))
          .hint("Name more of them, or want less with -p number=" + standbys.size() + ".");
    }
    Row row = primary.getSql().row(PRIMARY);
    List<String> streaming = row.list("streaming").stream().map(String::valueOf).toList();
    List<Member> members =
        Parallel.all(standbys, AT_ONCE, standby -> member(standby, streaming)).stream().toList();
    List<String> warnings = new ArrayList<>();
    if (!members.isEmpty() && List.of("off", "local").contains(row.text("wanted"))) {
      warnings.add(
          "synchronous_commit is %s on %s: commits wait for nobody unless a session says otherwise"
              .formatted(row.text("wanted"), primary));
    }
    if (!members.isEmpty() && number == members.size()) {
      warnings.add("every commit waits as soon as one of these standbys is lost");
    }
    members.stream()
        .filter(member -> !member.standby().spec().failover())
        .forEach(
            member ->
                warnings.add(
                    "%s is never promoted: what only it has confirmed a failover can lose"
                        .formatted(member.standby())));
    return new SyncPlan(
        row.text("names"),
        value(members, number, method),
        members.isEmpty() ? 0 : number,
        members,
        warnings);
  }

  private Member member(Node standby, List<String> streaming) {
    Row row = standby.getSql().row(STANDBY);
    String name = name(row);
    String wanted = name;
    long count = streaming.stream().filter(wanted::equalsIgnoreCase).count();
    if (count != 1) {
      throw Problem.refused(
              count == 0
                  ? "%s does not stream from %s under its name \"%s\"; commits would wait for it"
                      .formatted(standby, primary, name)
                  : "%d standbys stream as \"%s\": any of them would confirm for %s"
                      .formatted(count, name, standby))
          .hint("Its name is the application_name in its primary_conninfo, else its cluster_name.");
    }
    return new Member(standby, name, row.text("names"));
  }

  /** Under which name a standby streams. */
  static String nameOf(Node standby) {
    return name(standby.getSql().row(STANDBY));
  }

  private static String name(Row row) {
    String name =
        Conninfo.parse(row.text("conninfo"))
            .parameters()
            .getOrDefault("application_name", row.text("cluster_name"));
    return name.isEmpty() ? "walreceiver" : name;
  }

  private static String value(List<Member> members, int number, SyncMethod method) {
    return members.isEmpty()
        ? ""
        : members.stream()
            .map(member -> '"' + member.name().replace("\"", "\"\"") + '"')
            .collect(
                Collectors.joining(
                    ", ", method.name().toUpperCase(Locale.ROOT) + " " + number + " (", ")"));
  }

  /** Whether as many standbys have to confirm now as are wanted. */
  boolean holds(SyncPlan plan) {
    long confirm =
        primary
            .getSql()
            .value(
                Long.class,
                "select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')");
    return plan.members().isEmpty() ? confirm == 0 : confirm >= plan.number();
  }

  /**
   * Commits something, and looks who has it.
   *
   * @return how long that took
   * @throws Problem with exit 1 if it was not confirmed within the limit
   */
  Duration prove(SyncPlan plan, Duration limit) {
    long start = primary.run().time().nanos();
    Row written =
        Doubt.repeatable(
            () ->
                primary
                    .getSql()
                    .timeout(limit)
                    .returning(
                        Row.of(Map.of("lsn", "0/0")),
                        "select pg_logical_emit_message(true, 'pgrunbook', 'proves who confirms a"
                            + " commit')::text as lsn"));
    Duration took = primary.run().time().since(start);
    String what =
        plan.number() == 0
            ? "a commit waits for nobody"
            : "a commit is confirmed by " + plan.number() + " of " + plan.names();
    primary.run().means().outcome(what, () -> requireConfirmed(plan, written, took, limit));
    return took;
  }

  /** Who waits and is told to end waits no longer; it has committed all the same (P66). */
  private void requireConfirmed(SyncPlan plan, Row written, Duration took, Duration limit) {
    long confirmed =
        primary.getSql().value(Long.class, CONFIRMED, plan.names(), written.text("lsn"));
    if (took.compareTo(limit) >= 0 || confirmed < plan.number()) {
      throw Problem.failed(
          "a commit was not confirmed within %s: %d of %d standbys have it"
              .formatted(Durations.show(limit), confirmed, plan.number()));
    }
  }
}
