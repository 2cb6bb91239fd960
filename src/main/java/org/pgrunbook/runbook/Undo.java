package org.pgrunbook.runbook;

import groovy.lang.Closure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;

/**
 * What has to be taken back when the run fails, the latest first, and what has to happen in any
 * case.
 */
final class Undo {
  private record Action(String name, Closure<?> body) {}

  private final Deque<Action> undos = new ArrayDeque<>();
  private final Deque<Action> always = new ArrayDeque<>();

  synchronized void onFailure(String name, Closure<?> body) {
    undos.push(new Action(name, body));
  }

  synchronized void always(String name, Closure<?> body) {
    always.push(new Action(name, body));
  }

  /** From here on the way back is closed. */
  synchronized void forget() {
    undos.clear();
  }

  /**
   * Takes everything back, as far as it goes; the first failure is returned and does not stop the
   * rest.
   */
  Optional<Problem> undo(Journal journal) {
    return perform(undos, "undo: ", journal);
  }

  /** Does what has to happen in any case. */
  Optional<Problem> finish(Journal journal) {
    return perform(always, "always: ", journal);
  }

  private static Optional<Problem> perform(Deque<Action> actions, String prefix, Journal journal) {
    Problem first = null;
    while (!actions.isEmpty()) {
      Action action = actions.pop();
      String step = prefix + action.name;
      try {
        journal.inside(
            step,
            () -> {
              journal.tell(new Event.StepStarted(step));
              Object value = action.body.call();
              journal.tell(
                  new Event.StepEnded(step, Event.Outcome.DONE, Duration.ZERO, null, null));
              return value;
            });
      } catch (RuntimeException e) {
        journal.tell(
            new Event.StepEnded(step, Event.Outcome.FAILED, Duration.ZERO, null, e.getMessage()));
        if (first == null) {
          first =
              e instanceof Problem problem
                  ? problem
                  : Problem.failed(String.valueOf(e.getMessage())).because(e);
        }
      }
    }
    return Optional.ofNullable(first);
  }
}
