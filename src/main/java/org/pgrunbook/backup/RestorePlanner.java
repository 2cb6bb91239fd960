package org.pgrunbook.backup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.postgres.WalFile;
import org.pgrunbook.postgres.WalSegment;

/**
 * Chooses the backup for a recovery target and proves, before anything is touched, that the WAL
 * leads from one to the other without a gap and along one timeline.
 */
final class RestorePlanner {
  private final Repository repository;
  private final RecoveryTarget target;

  RestorePlanner(Repository repository, RecoveryTarget target) {
    this.repository = repository;
    this.target = target;
  }

  /**
   * Makes the plan.
   *
   * @param id the backup; absent: the newest that ended before the target
   * @param wanted the timeline; absent: the newest that the backup leads to
   * @param mapping {@code OLD=NEW} for each tablespace that goes elsewhere, by its OID, name or
   *     location
   */
  RestorePlan plan(Optional<String> id, Optional<Integer> wanted, List<String> mapping) {
    Manifest backup = id.map(repository::backup).orElseGet(this::newestBeforeTarget);
    requireEndedBeforeTarget(backup);
    TimelineHistory history = wanted.map(this::history).orElseGet(() -> newestHistory(backup));
    if (!history.contains(backup.timeline(), backup.stopLsn())) {
      throw Problem.refused(
              "timeline %d does not go through backup \"%s\" (timeline %d, %s)"
                  .formatted(history.timeline(), backup.id(), backup.timeline(), backup.stopLsn()))
          .hint("Leave the parameter timeline out, or name an earlier backup.")
          .state("nothing was changed");
    }
    String why = id.isPresent() ? "as asked for" : "the newest that ended before the target";
    List<WalSegment> wal = segments(backup, history);
    requireComplete(wal);
    return new RestorePlan(
        backup.withoutFiles(),
        why,
        target,
        history.timeline(),
        wal,
        histories(history),
        tablespaces(backup, mapping));
  }

  private Manifest newestBeforeTarget() {
    List<Manifest> backups = repository.backups();
    if (backups.isEmpty()) {
      throw Problem.refused("there is no backup of \"" + repository.cluster() + "\"")
          .hint("Take one: pgrunbook run backup/base-backup " + repository.cluster() + ".")
          .state("nothing was changed");
    }
    if (target.kind() == RecoveryTarget.Kind.XID || target.kind() == RecoveryTarget.Kind.NAME) {
      throw Problem.refused("nothing tells which backup ended before " + target)
          .hint("Name the backup with -p backup=ID; 'pgrunbook backups' lists them.")
          .state("nothing was changed");
    }
    return backups.stream()
        .filter(this::endedBeforeTarget)
        .max(Comparator.comparing(Manifest::stopTime))
        .orElseThrow(
            () ->
                Problem.refused(
                        "no backup ended before %s; the oldest, \"%s\", ended at %s (%s)"
                            .formatted(
                                target,
                                backups.getFirst().id(),
                                backups.getFirst().stopTime(),
                                backups.getFirst().stopLsn()))
                    .hint("Choose a later target: what is older cannot be restored.")
                    .state("nothing was changed"));
  }

  /**
   * Recovery cannot stop before the backup is consistent: PostgreSQL would go on to the end (P37).
   */
  private void requireEndedBeforeTarget(Manifest backup) {
    if (!endedBeforeTarget(backup)) {
      throw Problem.refused(
              "backup \"%s\" ended at %s (%s), after %s"
                  .formatted(backup.id(), backup.stopTime(), backup.stopLsn(), target))
          .hint("Leave the parameter backup out: the right one is found by the target.")
          .state("nothing was changed");
    }
  }

  private boolean endedBeforeTarget(Manifest backup) {
    return switch (target.kind()) {
      case TIME -> backup.stopTime().isBefore(target.time());
      case LSN -> target.lsn().reaches(backup.stopLsn());
      case NAME, XID, LATEST -> true;
    };
  }

  private TimelineHistory history(int timeline) {
    return repository.wal().history(timeline);
  }

  /** Of all timelines that go through the backup the one that began last. */
  private TimelineHistory newestHistory(Manifest backup) {
    return repository.wal().timelines().stream()
        .sorted(Comparator.reverseOrder())
        .map(this::history)
        .filter(history -> history.contains(backup.timeline(), backup.stopLsn()))
        .findFirst()
        .orElseGet(() -> history(backup.timeline()));
  }

  private List<WalSegment> segments(Manifest backup, TimelineHistory history) {
    Lsn stop =
        target.kind() == RecoveryTarget.Kind.LSN
            ? target.lsn()
            : Lsn.latest(endOfArchive(backup, history), backup.stopLsn());
    return history.segments(backup.timeline(), backup.startLsn(), stop, backup.segmentSize());
  }

  private Lsn endOfArchive(Manifest backup, TimelineHistory history) {
    List<Integer> timelines = new ArrayList<>(List.of(history.timeline()));
    history.ancestors().reversed().forEach(ancestor -> timelines.add(ancestor.timeline()));
    // A timeline that began only just now may have no segment of its own yet.
    return timelines.stream()
        .map(timeline -> repository.wal().segments(timeline))
        .filter(segments -> !segments.isEmpty())
        .findFirst()
        .flatMap(segments -> WalFile.of(segments.lastKey()))
        .flatMap(file -> file.segment(backup.segmentSize()))
        .map(WalSegment::end)
        .orElse(Lsn.NONE);
  }

  private void requireComplete(List<WalSegment> wal) {
    List<WalSegment> missing = repository.wal().missing(wal);
    if (missing.isEmpty()) {
      return;
    }
    boolean atTheEnd = missing.getFirst().number() + missing.size() - 1 == wal.getLast().number();
    if (atTheEnd && target.kind() == RecoveryTarget.Kind.LSN) {
      throw Problem.refused(
              "%s is after the last WAL in the repository, which ends before segment \"%s\""
                  .formatted(target, missing.getFirst().name()))
          .hint(
              "Ship what is still on the host: pgrunbook run backup/ship-wal "
                  + repository.cluster()
                  + ".")
          .state("nothing was changed");
    }
    throw Problem.refused(
            "WAL segment \"%s\" is missing in the repository%s"
                .formatted(
                    missing.getFirst().name(),
                    missing.size() == 1 ? "" : ", and " + (missing.size() - 1) + " more"))
        .hint("Look for it in pg_wal and in the spool of each node, and ship it.")
        .hint("A target before the gap can still be reached, if it is given as an LSN.")
        .state("nothing was changed");
  }

  private static List<String> histories(TimelineHistory history) {
    List<String> names = new ArrayList<>();
    history.ancestors().forEach(ancestor -> names.add(name(ancestor.timeline())));
    names.add(name(history.timeline()));
    names.remove(name(1));
    return names;
  }

  private static String name(int timeline) {
    return "%08X.history".formatted(timeline);
  }

  private static Map<String, String> tablespaces(Manifest backup, List<String> mapping) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String entry : mapping) {
      String[] parts = entry.split("=", 2);
      if (parts.length != 2 || !parts[1].startsWith("/")) {
        throw Problem.usage("\"" + entry + "\" maps no tablespace")
            .hint("Write it as OLD=/new/location; OLD is its OID, name or location.");
      }
      given.put(parts[0], parts[1]);
    }
    Map<String, String> result = new LinkedHashMap<>();
    for (Manifest.Tablespace tablespace : backup.tablespaces()) {
      String location = tablespace.location();
      for (String name : List.of(tablespace.oid(), tablespace.name(), tablespace.location())) {
        location = Optional.ofNullable(given.remove(name)).orElse(location);
      }
      result.put(tablespace.oid(), location);
    }
    if (!given.isEmpty()) {
      throw Problem.usage(
              "backup \"%s\" has no tablespace %s".formatted(backup.id(), given.keySet()))
          .hint("It has: " + backup.tablespaces() + ".");
    }
    return result;
  }
}
