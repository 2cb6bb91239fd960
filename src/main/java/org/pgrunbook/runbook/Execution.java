package org.pgrunbook.runbook;

import groovy.lang.Closure;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Lock;

/**
 * A runbook being carried out: which steps there were, which locks it holds, what is to be undone.
 */
final class Execution implements AutoCloseable {
  final Run run;
  final Clusters clusters;
  final Undo undo = new Undo();
  final Forecast forecast;
  private final Answers answers;
  private final Locks locks;
  private final Set<String> steps = ConcurrentHashMap.newKeySet();

  Execution(Run run, Clusters clusters, Answers answers, Locks locks) {
    this.run = run;
    this.clusters = clusters;
    this.answers = answers;
    this.locks = locks;
    this.forecast = new Forecast(run);
  }

  /** The paths of the steps that were begun. */
  Set<String> steps() {
    return Set.copyOf(steps);
  }

  <T> T step(String name, Closure<T> body) {
    String path = Journal.step().isEmpty() ? name : Journal.step() + "/" + name;
    if (!steps.add(path)) {
      throw Problem.usage("step \"" + path + "\" is there twice")
          .hint("Put what differs into the name, such as step(\"copy $node\").");
    }
    return run.journal().inside(path, () -> perform(path, body));
  }

  private <T> T perform(String path, Closure<T> body) {
    run.journal().tell(new Event.StepStarted(path));
    long start = run.time().nanos();
    try {
      if (Thread.interrupted()) {
        throw Problem.interrupted("interrupted before step \"" + path + "\"");
      }
      T value = body.call();
      Object kept = Values.journalled(path, value);
      end(path, Event.Outcome.DONE, start, kept, null);
      return value;
    } catch (RuntimeException e) {
      Problem problem = Problem.of(e);
      end(
          path,
          forecast.leavesOpen(problem) ? Event.Outcome.UNFORESEEN : Event.Outcome.FAILED,
          start,
          null,
          problem.fact());
      throw problem.at("step \"" + path + "\"");
    }
  }

  private void end(String path, Event.Outcome outcome, long start, Object value, String error) {
    run.journal().tell(new Event.StepEnded(path, outcome, run.time().since(start), value, error));
  }

  /** One look at a condition that a real run would wait for. */
  <T> T foreseen(String what, Duration limit, Closure<T> condition) {
    forecast.would("wait until " + what + ", " + Durations.show(limit) + " at most");
    try {
      return condition.call();
    } catch (Problem e) {
      if (forecast.leavesOpen(e)) {
        return null;
      }
      throw e;
    }
  }

  <T, R> List<R> parallel(Collection<T> items, int atOnce, Closure<R> body) {
    // A clone for each: closures keep their delegate in a field.
    return Parallel.all(items, atOnce, item -> copy(body).call(item));
  }

  @SuppressWarnings("unchecked")
  private static <R> Closure<R> copy(Closure<R> body) {
    return (Closure<R>) body.clone();
  }

  void confirm(String question, Optional<String> name) {
    if (forecast.isDry()) {
      String flag = name.map(text -> "--confirm=" + text).orElse("--yes");
      forecast.would("ask, unless " + flag + " was given: " + question);
      return;
    }
    Answers.Answer answer = answers.confirm(question, name);
    run.journal().tell(new Event.Confirmed(question, answer.agreed(), answer.how()));
    if (!answer.agreed()) {
      throw Problem.refused("not confirmed: " + question);
    }
  }

  void lock(Lock lock) {
    if (forecast.isDry()) {
      look(lock);
    } else {
      locks.take(lock, run);
    }
  }

  private void look(Lock lock) {
    forecast.would("lock " + lock);
    locks.holder(lock).ifPresent(found -> forecast.unforeseen(found.fact()));
  }

  <T> T holding(Lock lock, Duration patience, Closure<T> body) {
    if (forecast.isDry()) {
      look(lock);
      return body.call();
    }
    locks.await(lock, run, patience);
    try {
      return body.call();
    } finally {
      locks.release(lock, run);
    }
  }

  void refuse(String reason) {
    if (!forecast.assumes()) {
      throw Problem.refused(reason);
    }
    forecast.would("be refused, if it is still so then: " + reason);
    forecast.unforeseen("whether it is refused then: " + reason);
  }

  void undo(String what, Closure<?> body) {
    if (forecast.isDry()) {
      forecast.would("undo if it fails: " + what);
    } else {
      undo.onFailure(what, body);
      run.journal().tell(new Event.Undoable(what));
    }
  }

  void always(String what, Closure<?> body) {
    if (forecast.isDry()) {
      forecast.would("do at the end in any case: " + what);
    } else {
      undo.always(what, body);
    }
  }

  void pointOfNoReturn() {
    locks.requireHeld();
    undo.forget();
    run.journal().tell(new Event.PointOfNoReturn());
  }

  @Override
  public void close() {
    locks.releaseAll(run);
    clusters.close();
  }
}
