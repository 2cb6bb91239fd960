package org.pgrunbook.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Pooler;
import org.pgrunbook.sql.Row;

/** Finds out what a failover has left to do, the most urgent first. */
final class Repairs {
  private static final String QUERY =
      """
      select current_setting('synchronous_standby_names') as names,
             (select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum'))
               as synchronous,
             current_setting('archive_mode') as archive_mode,
             array(select slot_name::text from pg_replication_slots
                   where not active and not temporary order by 1) as idle_slots\
      """;

  private final Cluster cluster;
  private final Node old;
  private final String fenced;
  private final Node primary;
  private final List<Repair> repairs = new ArrayList<>();

  /**
   * Finds nothing yet.
   *
   * @param fenced what keeps the old primary from taking writes, in words
   */
  Repairs(Cluster cluster, Node old, String fenced, Node primary) {
    this.cluster = cluster;
    this.old = old;
    this.fenced = fenced;
    this.primary = primary;
  }

  List<Repair> after(List<Follower> followers, List<Told> told) {
    Row found = primary.getSql().row(QUERY);
    pointPoolers(told);
    repeatHook(told);
    satisfyCommits(found.text("names"), found.number("synchronous"));
    followers.stream()
        .filter(follower -> !follower.streams())
        .forEach(
            follower ->
                add(
                    follower.node() + " does not follow: " + follower.remark(),
                    rejoin(follower.node())));
    boolean isBack = followers.stream().anyMatch(follower -> follower.node().equals(old));
    if (!isBack) {
      add(old + " is out, " + fenced, rejoin(old));
    }
    keepBackups(found.text("archive_mode"), !isBack);
    found
        .list("idle_slots")
        .forEach(
            slot ->
                add(
                    "slot \"" + slot + "\" on " + primary + " holds WAL back, and nobody uses it",
                    "drop it unless its standby comes back"));
    return List.copyOf(repairs);
  }

  private void pointPoolers(List<Told> told) {
    String address = primary.spec().host() + ":" + primary.spec().sql().port();
    for (Pooler pooler : cluster.getPoolers()) {
      Optional<Told> outcome =
          told.stream().filter(it -> it.who().equals(pooler.toString())).findFirst();
      if (!outcome.map(Told::done).orElse(false)) {
        add(
            "pooler %s was not told%s"
                .formatted(pooler, outcome.map(it -> ": " + it.remark()).orElse("")),
            "point it to " + address);
      }
    }
  }

  private void repeatHook(List<Told> told) {
    told.stream()
        .filter(it -> !it.done() && it.who().startsWith("hook "))
        .forEach(
            it ->
                add(
                    it.who() + " failed: " + it.remark(),
                    "do by hand what it does: "
                        + cluster.spec().hooks().promoted().orElseThrow().command()));
  }

  /** P67: to empty the names would silently give up what they promise, so a person decides. */
  private void satisfyCommits(String names, long synchronous) {
    if (!names.isEmpty() && synchronous == 0) {
      add(
          "commits wait: no standby satisfies synchronous_standby_names '" + names + "'",
          "name standbys that follow " + primary + ", or empty it");
    }
  }

  /** P55, P85: what was backed up until now does not lead beyond the promotion by itself. */
  private void keepBackups(String archiveMode, boolean unshipped) {
    if (cluster.spec().repository().isEmpty()) {
      return;
    }
    if (archiveMode.equals("off")) {
      add(
          primary + " does not archive its WAL",
          "set archive_mode and archive_command, restart it");
    }
    add(
        "the new timeline has no backup",
        "pgrunbook run backup/base-backup "
            + cluster
            + "; ship-wal goes to "
            + primary
            + " by itself");
    if (unshipped) {
      add(
          "the spool of " + old + " may hold WAL that was not shipped",
          "keep it until that backup is taken");
    }
  }

  private String rejoin(Node node) {
    return "pgrunbook run replication/rejoin %s -p node=%s".formatted(cluster, node);
  }

  private void add(String what, String how) {
    repairs.add(new Repair(what, how));
  }
}
