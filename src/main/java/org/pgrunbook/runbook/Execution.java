package org.pgrunbook.runbook;

import groovy.lang.Closure;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Answers answers;
  private final Locks locks;
  private final Set<String> steps = ConcurrentHashMap.newKeySet();

  Execution(Run run, Clusters clusters, Answers answers, Locks locks) {
    this.run = run;
    this.clusters = clusters;
    this.answers = answers;
    this.locks = locks;
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
      end(path, Event.Outcome.FAILED, start, null, problem.fact());
      throw problem.at("step \"" + path + "\"");
    }
  }

  private void end(String path, Event.Outcome outcome, long start, Object value, String error) {
    run.journal().tell(new Event.StepEnded(path, outcome, run.time().since(start), value, error));
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
    Answers.Answer answer = answers.confirm(question, name);
    run.journal().tell(new Event.Confirmed(question, answer.agreed(), answer.how()));
    if (!answer.agreed()) {
      throw Problem.refused("not confirmed: " + question);
    }
  }

  void lock(Lock lock) {
    locks.take(lock, run);
  }

  <T> T holding(Lock lock, Duration patience, Closure<T> body) {
    locks.await(lock, run, patience);
    try {
      return body.call();
    } finally {
      locks.release(lock, run);
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
