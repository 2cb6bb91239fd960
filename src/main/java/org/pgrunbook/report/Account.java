package org.pgrunbook.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.journal.PastRun;

/**
 * A run as a report tells it.
 *
 * @param run its journal
 * @param outcome {@code done}, {@code failed} …, {@code running} or {@code interrupted}
 * @param start when it began
 * @param end when it ended; of one that did not, the last that is known of it
 * @param parts what was outside of steps, if anything, then the steps in the order in which they
 *     began
 * @param told what it said, in order
 * @param standing what could be undone when it ended, the newest last
 * @param locks what it did not give back
 * @param before the runs that it goes on from, the first of them first
 * @param after the runs that went on from it, or took it back
 */
public record Account(
    PastRun run,
    String outcome,
    Instant start,
    Instant end,
    List<Part> parts,
    List<Told> told,
    List<String> standing,
    List<String> locks,
    List<PastRun> before,
    List<PastRun> after) {

  /**
   * Reads it from its journal.
   *
   * @param before the runs that it goes on from
   * @param after the runs that went on from it
   * @param now until when a run that still goes on is told
   */
  public static Account of(PastRun run, List<PastRun> before, List<PastRun> after, Instant now) {
    return new Reading(run, now).account(before, after);
  }

  /** What the journal says of its beginning. */
  Object started(String key) {
    return run.event("started").map(start -> start.get(key)).orElse(null);
  }

  /** The same as text; empty if it says nothing. */
  String start(String key) {
    Object value = started(key);
    return value == null ? "" : value.toString();
  }

  /** What the journal says of its end; empty if there was none. */
  Optional<Map<String, Object>> ended() {
    return run.event("ended");
  }

  /** What the journal says of its end, as text. */
  Optional<String> ended(String key) {
    return ended().map(end -> end.get(key)).map(Object::toString);
  }

  boolean isDry() {
    return run.kind().equals("dry run");
  }

  boolean isRunning() {
    return outcome.equals("running");
  }

  /** Its process ended without a word. */
  boolean isCutOff() {
    return ended().isEmpty() && !isRunning();
  }

  boolean isDone() {
    return outcome.equals("done");
  }

  Duration took() {
    return Duration.between(start, end);
  }

  /** The steps alone. */
  List<Part> steps() {
    return parts.stream().filter(part -> part.number() > 0).toList();
  }

  Optional<Part> step(String path) {
    return parts.stream().filter(part -> part.path().equals(path)).findFirst();
  }

  Stream<Deed> deeds() {
    return parts.stream().flatMap(part -> part.deeds().stream());
  }

  /** What it has changed, or would change, in order. */
  List<Deed> changes() {
    return deeds().filter(Deed::change).sorted(Comparator.comparing(Deed::start)).toList();
  }

  /** What was told of that kind. */
  List<Told> told(Told.Kind kind) {
    return told.stream().filter(one -> one.kind() == kind).toList();
  }

  /** What a dry run could not foresee. */
  List<String> unforeseen() {
    return run
        .event("forecast")
        .map(forecast -> (List<?>) forecast.get("unforeseen"))
        .orElse(List.of())
        .stream()
        .map(Object::toString)
        .toList();
  }
}
