package org.pgrunbook.backup;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.postgres.WalSegment;

/**
 * Chooses the backup for a recovery target and proves, before anything is touched, that the WAL
 * leads from one to the other without a gap and along one timeline.
 */
final class RestorePlanner {
  private final Repository repository;
  private final RecoveryTarget target;
  private final WalIndex wal;

  RestorePlanner(Repository repository, RecoveryTarget target) {
    this.repository = repository;
    this.target = target;
    this.wal = repository.wal().index();
  }

  private record Choice(Manifest backup, String why) {}

  /**
   * Makes the plan.
   *
   * @param id the backup; absent: the newest that ended before the target
   * @param wanted the timeline; absent: the newest that the backup leads to
   * @param mapping {@code OLD=NEW} for each tablespace that goes elsewhere, by its OID, name or
   *     location
   */
  RestorePlan plan(Optional<String> id, Optional<Integer> wanted, List<String> mapping) {
    Choice choice =
        id.map(it -> new Choice(repository.backup(it), "as asked for"))
            .orElseGet(() -> newestBeforeTarget(wanted));
    Manifest backup = choice.backup();
    warnOfDamagedPages(backup);
    requireEndedBeforeTarget(backup);
    requireComplete(backup);
    WalRoute route = WalRoute.of(wal, backup, wanted);
    TimelineHistory history = route.history();
    return new RestorePlan(
        backup.withoutFiles(),
        choice.why(),
        target,
        history.timeline(),
        wal(route),
        histories(history),
        tablespaces(backup, mapping));
  }

  private Choice newestBeforeTarget(Optional<Integer> timeline) {
    List<Manifest> backups = repository.backups();
    if (backups.isEmpty()) {
      throw repository.none();
    }
    List<Manifest> ended = backups.reversed().stream().filter(this::endedBeforeTarget).toList();
    Manifest newest =
        newest(ended, timeline).orElseThrow(() -> noneEndedBefore(backups.getFirst()));
    String why =
        switch (target.kind()) {
          case IMMEDIATE, LATEST -> "the newest";
          default -> "the newest that ended before the target";
        };
    // Where the WAL is replayed, it makes of pages that were sound what damaged ones should be.
    if (newest.damagedPages().isEmpty() || target.kind() == RecoveryTarget.Kind.IMMEDIATE) {
      return new Choice(newest, why);
    }
    List<Manifest> sound = ended.stream().filter(it -> it.damagedPages().isEmpty()).toList();
    return newest(sound, timeline)
        .map(
            older -> {
              warn(
                  "\"%s\" is passed over: %s of it was damaged when it was taken"
                      .formatted(newest.id(), newest.damagedPages().getFirst()));
              return new Choice(older, why + " with no damaged page");
            })
        .orElseGet(() -> new Choice(newest, why));
  }

  private Optional<Manifest> newest(List<Manifest> newestFirst, Optional<Integer> timeline) {
    return newestFirst.stream()
        .filter(backup -> !target.isEvent() || leadsToTarget(backup, timeline))
        .findFirst();
  }

  private void warnOfDamagedPages(Manifest backup) {
    backup.damagedPages().stream()
        .findFirst()
        .ifPresent(
            page ->
                warn(
                    "\"%s\" had damaged pages when it was taken, such as %s"
                        .formatted(backup.id(), page)));
  }

  private void warn(String what) {
    repository.cluster().run().journal().warn(what);
  }

  private Problem noneEndedBefore(Manifest oldest) {
    Problem problem =
        target.isEvent()
            ? Problem.refused("%s is not in the WAL after any backup".formatted(target))
                .hint(
                    "Look for a mistake in writing, and ship what is still on the host: " + ship())
            : Problem.refused(
                    "no backup ended before %s; the oldest, \"%s\", ended at %s (%s)"
                        .formatted(target, oldest.id(), oldest.stopTime(), oldest.stopLsn()))
                .hint("Choose a later target: what is older cannot be restored.");
    return problem.state("nothing was changed");
  }

  /** Only the WAL tells whether a restore point, or a transaction, came after a backup. */
  private boolean leadsToTarget(Manifest backup, Optional<Integer> timeline) {
    return search(WalRoute.of(wal, backup, timeline)).segmentsUntilStop().isPresent();
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
      case NAME, XID, IMMEDIATE, LATEST -> true;
    };
  }

  /**
   * What is not there cannot be unpacked. Of what is there only the small objects are read; damage
   * in the others shows when all of them are.
   */
  void requireComplete(Manifest backup) {
    Stream.concat(
            repository.damagedByListing(backup.id(), backup.neededSizes()).stream(),
            backup.plains().stream()
                .filter(plain -> backup.neededSizes().containsKey(plain.key()))
                .flatMap(plain -> repository.damage(backup.id(), plain).stream()))
        .findFirst()
        .ifPresent(
            damage -> {
              throw Problem.refused("object \"%s\" %s".formatted(damage.object(), damage.what()))
                  .hint("Restore from another backup, with -p backup=ID.")
                  .hint(
                      "The command 'pgrunbook run backup/verify %s -p all=true' tells which are sound."
                          .formatted(repository.cluster()))
                  .state("nothing was changed");
            });
  }

  /** What recovery reads: up to where it stops, and not a segment more. */
  private List<WalSegment> wal(WalRoute route) {
    TargetSearch search = search(route);
    if (route.hasGap() && (!route.isConsistent() || target.kind() == RecoveryTarget.Kind.LATEST)) {
      throw missing(route.missing().getFirst());
    }
    List<WalSegment> there = route.untilGap();
    return there.subList(
        0,
        search
            .segmentsUntilStop()
            .orElseThrow(
                () -> route.hasGap() ? missing(route.missing().getFirst()) : after(search, there)));
  }

  private TargetSearch search(WalRoute route) {
    return new TargetSearch(repository.wal(), target, route.backup().stopLsn(), route.untilGap());
  }

  private Problem missing(WalSegment segment) {
    return Problem.refused(
            "WAL segment \"%s\" is missing in the repository".formatted(segment.name()))
        .hint("Look for it in pg_wal and in the spool of each node, and ship it: " + ship())
        .hint("A target before the gap can still be reached.")
        .state("nothing was changed");
  }

  /** PostgreSQL would replay everything and then give up (P41). */
  private Problem after(TargetSearch search, List<WalSegment> there) {
    Problem problem =
        switch (target.kind()) {
          case TIME ->
              Problem.refused(
                      search.lastTransaction().equals(Instant.MIN)
                          ? target + " is after the backup, since which no transaction has ended"
                          : "%s is after the last transaction in the repository, which ended at %s"
                              .formatted(target, search.lastTransaction()))
                  .hint("Without a target everything in the repository is restored.");
          case LSN ->
              Problem.refused(
                  "%s is after the last WAL in the repository, which ends with segment \"%s\""
                      .formatted(target, there.getLast().name()));
          default -> Problem.refused("%s is not in the WAL after the backup".formatted(target));
        };
    return problem.hint("Ship what is still on the host: " + ship()).state("nothing was changed");
  }

  private String ship() {
    return "pgrunbook run backup/ship-wal " + repository.cluster() + " -p current=true.";
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
    if (Set.copyOf(result.values()).size() < result.size()) {
      throw Problem.usage("two tablespaces would share a location: " + result);
    }
    if (!given.isEmpty()) {
      throw Problem.usage(
              "backup \"%s\" has no tablespace %s".formatted(backup.id(), given.keySet()))
          .hint("It has: " + backup.tablespaces() + ".");
    }
    return result;
  }
}
