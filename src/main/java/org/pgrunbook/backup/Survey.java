package org.pgrunbook.backup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.postgres.WalSegment;

/** Finds out how far a cluster can be restored, by listings and by the ends of its WAL. */
final class Survey {
  private final Repository repository;
  private final WalIndex index;
  private final Holds holds;
  private final Map<String, Rehearsal> rehearsals;

  Survey(Repository repository) {
    this.repository = repository;
    this.index = repository.wal().index();
    this.holds = new Holds(repository);
    this.rehearsals = new Rehearsals(repository).last();
  }

  Recoverability take() {
    List<Recoverability.Listed> listed = new ArrayList<>();
    List<Manifest> complete = new ArrayList<>();
    SortedSet<WalSegment> missing = new TreeSet<>();
    for (String id : repository.ids()) {
      Optional<Hold> hold = holds.of(id);
      try {
        Manifest backup = repository.backup(id).withoutFiles();
        List<WalSegment> lacks = index.missing(BackupSummary.of(backup).wal());
        String state = state(backup, lacks);
        listed.add(listed(backup, state, hold));
        missing.addAll(lacks);
        if (state.equals(Recoverability.COMPLETE)) {
          complete.add(backup);
          // P57: the retention may delete what follows a held backup.
          if (hold.map(Hold::keepsLaterWal).orElse(true)) {
            missing.addAll(WalRoute.of(index, backup, Optional.empty()).missing());
          }
        }
      } catch (Problem e) {
        if (e.exit() != Exit.FAILED && e.exit() != Exit.REFUSED) {
          throw e;
        }
        listed.add(unreadable(id, e, hold));
      }
    }
    complete.sort(Comparator.comparing(Manifest::stopTime));
    List<Recoverability.Window> windows = new ArrayList<>();
    List<Recoverability.Gap> gaps = gaps(missing);
    for (int timeline : index.timelines()) {
      history(timeline)
          .ifPresentOrElse(
              it -> windows.addAll(windows(it, complete)),
              () -> gaps.add(withoutHistory(timeline)));
    }
    return new Recoverability(listed, unfinished(), windows, gaps);
  }

  private List<Recoverability.Unfinished> unfinished() {
    return Leftovers.of(repository, "backups/").stream()
        .map(
            it ->
                new Recoverability.Unfinished(
                    it.backup(), it.objects(), it.stored().bytes(), it.written()))
        .toList();
  }

  private Optional<TimelineHistory> history(int timeline) {
    try {
      return Optional.of(index.history(timeline));
    } catch (Problem e) {
      if (e.exit() != Exit.FAILED && e.exit() != Exit.REFUSED) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static Recoverability.Gap withoutHistory(int timeline) {
    String name = "%08X.history".formatted(timeline);
    return new Recoverability.Gap(timeline, name, name, 1);
  }

  private String state(Manifest backup, List<WalSegment> lacks) {
    if (!lacks.isEmpty()) {
      return lacks.getFirst().name() + " is missing";
    }
    List<Damage> damages = repository.damagedByListing(backup.id(), backup.neededSizes());
    if (!damages.isEmpty()) {
      return damages.getFirst().toString();
    }
    List<Manifest.Page> pages = backup.damagedPages();
    return pages.isEmpty() ? Recoverability.COMPLETE : "damaged: " + pages.getFirst();
  }

  private Recoverability.Listed listed(Manifest backup, String state, Optional<Hold> hold) {
    return new Recoverability.Listed(
        backup.id(),
        backup.type(),
        backup.host(),
        backup.timeline(),
        Optional.of(backup.stopTime()),
        backup.restored().bytes(),
        backup.stored().bytes(),
        state,
        hold.map(Hold::inWords),
        Optional.ofNullable(rehearsals.get(backup.id())));
  }

  private Recoverability.Listed unreadable(String id, Problem problem, Optional<Hold> hold) {
    return new Recoverability.Listed(
        id,
        "-",
        "-",
        0,
        Optional.empty(),
        0,
        0,
        problem.fact(),
        hold.map(Hold::inWords),
        Optional.ofNullable(rehearsals.get(id)));
  }

  /** Backups whose WAL leads to the next one make one window. */
  private List<Recoverability.Window> windows(TimelineHistory history, List<Manifest> backups) {
    List<Recoverability.Window> windows = new ArrayList<>();
    Manifest first = null;
    WalRoute last = null;
    for (Manifest backup : backups) {
      if (!WalRoute.goesThrough(history, backup)) {
        continue;
      }
      if (last != null && !reach(last).reaches(backup.startLsn())) {
        windows.add(window(first, last));
        first = null;
      }
      first = first == null ? backup : first;
      last = WalRoute.of(index, backup, Optional.of(history.timeline()));
    }
    if (last != null) {
      windows.add(window(first, last));
    }
    return windows;
  }

  private static Lsn reach(WalRoute route) {
    return route.untilGap().getLast().end();
  }

  private Recoverability.Window window(Manifest first, WalRoute last) {
    return new Recoverability.Window(
        last.history().timeline(),
        first.stopTime(),
        last.newestMoment(repository.wal()),
        first.id(),
        last.untilGap().getLast().name());
  }

  private static List<Recoverability.Gap> gaps(SortedSet<WalSegment> missing) {
    List<Recoverability.Gap> gaps = new ArrayList<>();
    List<WalSegment> row = new ArrayList<>();
    for (WalSegment segment : missing) {
      if (!row.isEmpty() && !row.getLast().next().equals(segment)) {
        gaps.add(gap(row));
        row.clear();
      }
      row.add(segment);
    }
    if (!row.isEmpty()) {
      gaps.add(gap(row));
    }
    return gaps;
  }

  private static Recoverability.Gap gap(List<WalSegment> row) {
    return new Recoverability.Gap(
        row.getFirst().timeline(), row.getFirst().name(), row.getLast().name(), row.size());
  }
}
