package org.pgrunbook.backup;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.TimelineHistory;

/**
 * Plans how a standby is made of a backup: by the WAL of the repository up to where the primary
 * keeps it, and from there on by streaming.
 */
final class StandbyPlanner {
  private final Repository repository;
  private final Node primary;

  StandbyPlanner(Repository repository, Node primary) {
    this.repository = repository;
    this.primary = primary;
  }

  /**
   * Chooses the backup. Of its WAL nothing is looked at yet: the last of it is still on the
   * primary's host.
   *
   * @param id the backup; absent: the newest that is of the primary's history
   */
  RestorePlan choose(Optional<String> id) {
    TimelineHistory history = TimelineHistory.of(primary, Standing.of(primary).timeline());
    Manifest backup = id.map(repository::backup).orElseGet(() -> newest(history));
    if (!WalRoute.goesThrough(history, backup)) {
      throw Problem.refused(
              "backup \"%s\" (timeline %d, %s) is not of the history of %s"
                  .formatted(backup.id(), backup.timeline(), backup.stopLsn(), primary))
          .hint("Copy the primary: leave out -p from, or take a new backup.")
          .state("nothing was changed");
    }
    new RestorePlanner(repository, RecoveryTarget.LATEST).requireComplete(backup);
    return new RestorePlan(
        backup.withoutFiles(),
        id.isPresent() ? "as asked for" : "the newest",
        RecoveryTarget.LATEST,
        history.timeline(),
        List.of(),
        List.of(),
        locations(backup));
  }

  /** The newest of the history, or the newest at all, which then is told not to be. */
  private Manifest newest(TimelineHistory history) {
    List<Manifest> backups = repository.backups().reversed();
    return backups.stream()
        .filter(backup -> WalRoute.goesThrough(history, backup))
        .findFirst()
        .or(() -> backups.stream().findFirst())
        .orElseThrow(repository::none);
  }

  private static Map<String, String> locations(Manifest backup) {
    Map<String, String> result = new LinkedHashMap<>();
    backup.tablespaces().forEach(space -> result.put(space.oid(), space.location()));
    return result;
  }

  /** The same plan with its WAL, which is proved to lead to where the primary keeps the rest. */
  RestorePlan withWal(RestorePlan chosen, String slot) {
    return primary
        .run()
        .means()
        .outcome(
            "the WAL after %s leads to what %s keeps".formatted(chosen.backup().id(), primary),
            chosen,
            () -> planned(chosen, slot));
  }

  private RestorePlan planned(RestorePlan chosen, String slot) {
    RestorePlan plan =
        new RestorePlanner(repository, chosen.target())
            .plan(Optional.of(chosen.backup().id()), Optional.of(chosen.timeline()), List.of());
    Lsn end = plan.wal().isEmpty() ? plan.backup().stopLsn() : plan.wal().getLast().end();
    Lsn kept =
        Lsn.parse(
            primary
                .getSql()
                .value(
                    String.class,
                    "select restart_lsn::text from pg_replication_slots where slot_name = ?::text",
                    slot));
    if (!end.reaches(kept)) {
      throw Problem.failed(
              "the WAL of the repository ends at %s, and %s keeps it from %s on"
                  .formatted(end, primary, kept))
          .hint(
              "Ship what is still on the host: pgrunbook run backup/ship-wal %s -p current=true."
                  .formatted(repository.cluster()));
    }
    return chosen.withWal(plan);
  }
}
