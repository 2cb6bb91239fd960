package org.pgrunbook.runbook;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Dry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Run;

/**
 * What a dry run can know. Up to the first described change everything is as it will be; from there
 * on a failure or a refusal only says how things stand before, so it is told and decides nothing.
 */
final class Forecast {
  private final Journal journal;
  private final Optional<Dry> dry;
  private final List<String> unforeseen = new ArrayList<>();

  Forecast(Run run) {
    this.journal = run.journal();
    this.dry = run.means() instanceof Dry means ? Optional.of(means) : Optional.empty();
  }

  /** Whether changes are only described. */
  boolean isDry() {
    return dry.isPresent();
  }

  /** Whether what is found may no longer be so once the described changes were made. */
  boolean assumes() {
    return dry.isPresent() && dry.get().hasDescribed();
  }

  /** Tells what a real run would do. */
  void would(String text) {
    journal.tell(new Event.Would(text));
  }

  /** Whether a failure only says how things stand before the described changes. */
  boolean leavesOpen(Problem problem) {
    return assumes()
        && switch (problem.exit()) {
          case FAILED, REFUSED, LOCKED, UNREACHABLE, UNKNOWN_STATE -> true;
          default -> false;
        };
  }

  synchronized void unforeseen(String what) {
    unforeseen.add(what);
  }

  /** Tells what the dry run came to. */
  synchronized void tell() {
    dry.ifPresent(
        means -> journal.tell(new Event.Forecast(means.changes(), List.copyOf(unforeseen))));
  }

  /** Whatever comes after a failure that is left open cannot be foreseen either. */
  void endsWith(Problem problem, Signature signature, Set<String> performed) {
    unforeseen(problem.where().map(where -> where + ": ").orElse("") + problem.fact());
    signature.steps().stream()
        .filter(step -> performed.stream().noneMatch(path -> isNamed(step, path)))
        .forEach(step -> unforeseen("step \"" + step + "\": it comes after that"));
  }

  /** Whether a step of the source, of whose name only a part may be known, is that of the run. */
  private static boolean isNamed(String step, String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return Pattern.matches("\\Q" + step.replace("…", "\\E.*\\Q") + "\\E", name);
  }
}
