package org.pgrunbook.runbook;

import groovy.lang.Closure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Run;

/**
 * What has to be taken back when the run fails, the latest first, and what has to happen in any
 * case. Each has a limit: who interrupts a run must not wait for ever.
 */
final class Undo {
  /** How long each undo and each always may take. */
  static final Duration LIMIT = Duration.ofMinutes(2);

  /** How long one that was interrupted may take to end. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private record Action(String name, Closure<?> body) {}

  private final Duration limit;
  private final Deque<Action> undos = new ArrayDeque<>();
  private final Deque<Action> always = new ArrayDeque<>();

  Undo() {
    this(LIMIT);
  }

  Undo(Duration limit) {
    this.limit = limit;
  }

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

  /** What would be taken back, in the order in which it would be. */
  synchronized List<String> names() {
    return undos.stream().map(Action::name).toList();
  }

  /** What would happen in any case, in the order in which it would. */
  synchronized List<String> owed() {
    return always.stream().map(Action::name).toList();
  }

  /**
   * Takes everything back, as far as it goes; the first failure is returned and does not stop the
   * rest.
   *
   * @param why what made it necessary
   */
  Optional<Problem> undo(Run run, Problem why) {
    return perform(undos, Past.UNDO, run, why);
  }

  /** Does what has to happen in any case. */
  Optional<Problem> finish(Run run) {
    return perform(always, Past.ALWAYS, run, null);
  }

  private Optional<Problem> perform(Deque<Action> actions, String prefix, Run run, Problem why) {
    Problem first = null;
    while (!actions.isEmpty()) {
      Action action = actions.pop();
      Optional<Problem> failure = perform(prefix + action.name, action.body, run, why);
      first = first == null ? failure.orElse(null) : first;
    }
    return Optional.ofNullable(first);
  }

  private Optional<Problem> perform(String step, Closure<?> body, Run run, Problem why) {
    Journal journal = run.journal();
    return journal.inside(
        step,
        () -> {
          journal.tell(new Event.StepStarted(step));
          long start = run.time().nanos();
          Optional<Problem> failure = withinLimit(step, body, why);
          journal.tell(
              new Event.StepEnded(
                  step,
                  failure.isEmpty() ? Event.Outcome.DONE : Event.Outcome.FAILED,
                  run.time().since(start),
                  null,
                  null,
                  failure.map(Problem::fact).orElse(null)));
          return failure;
        });
  }

  private Optional<Problem> withinLimit(String step, Closure<?> body, Problem why) {
    AtomicReference<Problem> failure = new AtomicReference<>();
    Thread thread =
        Thread.startVirtualThread(
            Journal.carry(
                () -> {
                  try {
                    if (body.getMaximumNumberOfParameters() == 0) {
                      body.call();
                    } else {
                      body.call(why);
                    }
                  } catch (Throwable e) {
                    failure.set(Problem.of(e));
                  }
                }));
    try {
      if (!thread.join(limit)) {
        thread.interrupt();
        boolean ended = thread.join(GRACE);
        return Optional.of(
            Problem.failed("\"%s\" took longer than %s".formatted(step, Durations.show(limit)))
                .state(ended ? "it was given up" : "it may still be going on"));
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      return Optional.of(Problem.interrupted("\"" + step + "\" was interrupted"));
    }
    return Optional.ofNullable(failure.get());
  }
}
