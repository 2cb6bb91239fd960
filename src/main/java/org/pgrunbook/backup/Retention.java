package org.pgrunbook.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;

/**
 * Which backups are kept. Count and window both keep: a backup is deleted only if neither wants it,
 * nobody holds it, and it is older than a sound one that stays (P59).
 *
 * @param full how many sound full backups are kept at least
 * @param window how far back a restore must be possible: what ended within it is kept, and the
 *     newest that ended before it (P57)
 */
record Retention(Optional<Integer> full, Optional<Duration> window) {

  /**
   * A backup that is judged.
   *
   * @param ended when; by this they are ordered, never by their timelines (P58)
   * @param sound whether all its objects, and the WAL from its start to its end, are there
   */
  record Candidate(String id, Instant ended, DataSize stored, boolean sound, Optional<Hold> hold) {}

  /**
   * The retention.
   *
   * @throws Problem with exit 2 if nothing says how much to keep
   */
  Retention {
    if (full.isEmpty() && window.isEmpty()) {
      throw Problem.usage("nothing says which backups to keep")
          .hint("Set retention in the inventory: { full: 4, window: 30 days }.")
          .hint("Or give -p full=N or -p window=DURATION.");
    }
    if (full.isPresent() && full.get() < 1) {
      throw Problem.usage("the last backup is never deleted, so full is at least 1");
    }
  }

  /**
   * Judges backups, the oldest first in the result.
   *
   * @throws Problem with exit 3 if the newest is of the future, for then the clock is wrong, and if
   *     none of them is sound
   */
  List<Judgement> judge(List<Candidate> backups, Instant now) {
    List<Candidate> newestFirst =
        backups.stream().sorted(Comparator.comparing(Candidate::ended).reversed()).toList();
    List<Candidate> sound = newestFirst.stream().filter(Candidate::sound).toList();
    if (sound.isEmpty()) {
      throw Problem.refused("no backup is sound, so none is deleted")
          .hint("Take a backup first.")
          .state("nothing was changed");
    }
    if (newestFirst.getFirst().ended().isAfter(now)) {
      throw Problem.refused(
              "backup \"%s\" ended at %s, which is after now, %s"
                  .formatted(newestFirst.getFirst().id(), newestFirst.getFirst().ended(), now))
          .hint("Is there clock skew between this machine and the server?")
          .state("nothing was changed");
    }
    Set<String> counted = new HashSet<>();
    full.ifPresent(count -> sound.stream().limit(count).forEach(it -> counted.add(it.id())));
    Set<String> within = new HashSet<>();
    window.map(now::minus).ifPresent(start -> within(sound, start).forEach(within::add));

    List<Judgement> judgements = new ArrayList<>();
    Candidate oldestKept = sound.getFirst();
    for (Candidate backup : sound) {
      if (counted.contains(backup.id()) || within.contains(backup.id())) {
        oldestKept = backup;
      }
    }
    for (Candidate backup : newestFirst.reversed()) {
      boolean newer = !backup.ended().isBefore(oldestKept.ended());
      judgements.add(judgement(backup, counted, within, newer));
    }
    return judgements;
  }

  private static List<String> within(List<Candidate> newestFirst, Instant start) {
    List<String> ids = new ArrayList<>();
    for (Candidate backup : newestFirst) {
      ids.add(backup.id());
      if (backup.ended().isBefore(start)) {
        break;
      }
    }
    return ids;
  }

  private Judgement judgement(
      Candidate backup, Set<String> counted, Set<String> within, boolean newer) {
    List<String> reasons = new ArrayList<>();
    if (!backup.sound()) {
      reasons.add("not complete, does not count");
    }
    if (counted.contains(backup.id())) {
      reasons.add("one of the newest " + full.orElseThrow());
    }
    if (within.contains(backup.id())) {
      reasons.add("for the window of " + Durations.show(window.orElseThrow()));
    }
    backup.hold().ifPresent(hold -> reasons.add(hold.inWords()));
    boolean keep = newer || backup.hold().isPresent();
    if (!keep) {
      reasons.add("nothing wants it");
    }
    return new Judgement(
        backup.id(),
        backup.ended(),
        backup.stored(),
        keep ? Judgement.Fate.KEEP : Judgement.Fate.DELETE,
        String.join("; ", reasons),
        newer || backup.hold().map(Hold::keepsLaterWal).orElse(false));
  }
}
