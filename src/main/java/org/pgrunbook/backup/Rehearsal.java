package org.pgrunbook.backup;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;

/**
 * What came of restoring a backup only to see whether it can be: {@code
 * rehearsals/BACKUP/RUN.json}.
 *
 * @param format the version of this format
 * @param backup the backup's id
 * @param run the run that rehearsed it
 * @param onto the node on whose host
 * @param target where recovery was to stop
 * @param began when, by the clock of the machine that ran it
 * @param outcome what came of it
 * @param reason why it failed; absent if it did not
 * @param newest the newest moment that could have been restored then
 * @param rpo how old that moment was: what would have been lost with all hosts
 * @param rto from the beginning to the first query that the copy answered; absent if it came to
 *     none
 * @param restored what the files of the backup come to, in bytes
 * @param phases what was done, in order
 * @param checks what the copy was asked before it was believed
 */
public record Rehearsal(
    int format,
    String backup,
    String run,
    String onto,
    String target,
    Instant began,
    Outcome outcome,
    Optional<String> reason,
    Instant newest,
    Duration rpo,
    Optional<Duration> rto,
    long restored,
    List<Phase> phases,
    List<Check> checks) {

  /** The format that this version writes. */
  public static final int FORMAT = 1;

  /** What can come of a rehearsal. */
  public enum Outcome {
    /** The target was reached, and all checks passed that could be made. */
    PROVED,
    FAILED
  }

  /**
   * A part of it.
   *
   * @param phase its name
   * @param ended when it ended
   * @param took how long it took
   */
  public record Phase(String phase, Instant ended, Duration took) {}

  /**
   * Something that the copy was asked. One that did not pass fails the rehearsal.
   *
   * @param check its name
   * @param done whether it was made
   * @param finding what was found, or why it was not made
   */
  public record Check(String check, boolean done, String finding) {
    /** It was made, and all is well. */
    public static Check passed(String check, String finding) {
      return new Check(check, true, finding);
    }

    /** It was not made. */
    public static Check skipped(String check, String why) {
      return new Check(check, false, "not done: " + why);
    }
  }

  /**
   * A line of a table.
   *
   * @param backup its id
   * @param onto the node on whose host
   * @param target where recovery stopped
   * @param outcome how it ended
   * @param newest the newest moment that could have been restored then
   * @param rpo how old that moment was
   * @param rto from the beginning to the first query that the copy answered; null if none did
   * @param restored the size of the files
   */
  public record Summary(
      String backup,
      String onto,
      String target,
      Outcome outcome,
      Instant newest,
      Duration rpo,
      Duration rto,
      DataSize restored) {}

  static Rehearsal of(Scratch scratch, RestorePlan plan, Instant newest, Instant began) {
    Instant start = began.truncatedTo(ChronoUnit.MILLIS);
    Duration age = Duration.between(newest, start);
    return new Rehearsal(
        FORMAT,
        plan.backup().id(),
        scratch.host().run().id(),
        scratch.host().fullName(),
        plan.target().toString(),
        start,
        Outcome.PROVED,
        Optional.empty(),
        newest,
        age.isNegative() ? Duration.ZERO : age,
        Optional.empty(),
        plan.backup().restored().bytes(),
        List.of(),
        List.of());
  }

  private Rehearsal with(
      Outcome came, Optional<String> why, Optional<Duration> time, List<Phase> done) {
    return new Rehearsal(
        format, backup, run, onto, target, began, came, why, newest, rpo, time, restored, done,
        checks);
  }

  /** The same, with a phase that has just ended. */
  public Rehearsal after(String phase, Instant now) {
    Instant before = phases.isEmpty() ? began : phases.getLast().ended();
    Instant end = now.truncatedTo(ChronoUnit.MILLIS);
    Phase ended = new Phase(phase, end, Duration.between(before, end));
    return with(outcome, reason, rto, Stream.concat(phases.stream(), Stream.of(ended)).toList());
  }

  /** The same, of which the copy has just answered its first query. */
  public Rehearsal answered(Instant now) {
    Rehearsal after = after("first query", now);
    Duration time = Duration.between(began, after.phases.getLast().ended());
    return with(outcome, reason, Optional.of(time), after.phases);
  }

  /** The same, with what the copy was asked. */
  public Rehearsal with(Check check) {
    return new Rehearsal(
        format,
        backup,
        run,
        onto,
        target,
        began,
        outcome,
        reason,
        newest,
        rpo,
        rto,
        restored,
        phases,
        Stream.concat(checks.stream(), Stream.of(check)).toList());
  }

  Rehearsal failed(String why) {
    return with(Outcome.FAILED, Optional.of(why), rto, phases);
  }

  /** It in a line. */
  public Summary summary() {
    return new Summary(
        backup, onto, target, outcome, newest, rpo, rto.orElse(null), new DataSize(restored));
  }
}
