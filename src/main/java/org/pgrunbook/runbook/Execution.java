package org.pgrunbook.runbook;

import groovy.lang.Closure;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.journal.Revival;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Lock;

/**
 * A runbook being carried out: which steps there were, which locks it holds, what is to be undone.
 */
final class Execution implements AutoCloseable {
  final Run run;
  final Clusters clusters;
  final Consent consent;
  final Undo undo = new Undo();
  final Forecast forecast;
  private final Optional<Recall> recall;
  private final Locks locks;
  private final Set<String> steps = ConcurrentHashMap.newKeySet();
  private Optional<String> from = Optional.empty();
  private Optional<Answers> eachStep = Optional.empty();
  private final Map<String, AtomicInteger> clocks = new ConcurrentHashMap<>();

  /**
   * A runbook that is about to begin.
   *
   * @param recall what an earlier run has done that this one goes on with
   */
  Execution(Run run, Clusters clusters, Optional<Recall> recall, Answers answers, Locks locks) {
    this.run = run;
    this.recall = recall;
    this.clusters = clusters;
    this.consent = new Consent(answers, run);
    this.locks = locks;
    this.forecast = new Forecast(run);
  }

  /** From here on each step is begun only if somebody agrees. */
  void askBeforeEachStep(Answers person) {
    eachStep = Optional.of(person);
  }

  /** Takes the steps before this one as done by hand, after they were named and agreed to. */
  void beginWith(String step, Engine.Request request) {
    List<String> skipped = Compiler.beginning(request.runbook()).skippedBefore(step);
    String question =
        "Begin with step \"%s\"? These are not done, and nobody looks whether they were: %s."
            .formatted(step, skipped.isEmpty() ? "none" : String.join("; ", skipped));
    confirm(question, request.target());
    from = Optional.of(step);
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
    if (from.isPresent() && Journal.step().isEmpty()) {
      if (!from.get().equals(name)) {
        run.journal().tell(new Event.StepReused(path, Past.BY_HAND, null, Revival.type(null)));
        return null;
      }
      from = Optional.empty();
    }
    Optional<Past.Kept> before = recall.flatMap(known -> known.step(path));
    return run.journal()
        .inside(path, () -> before.isPresent() ? reuse(path, before.get()) : perform(path, body));
  }

  /** The journal has the type that the step returned then, and the runbook is the same. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private <T> T reuse(String path, Past.Kept before) {
    T value = (T) recall.orElseThrow().reuse(path, before, undo);
    if (recall.get().isIrreversible(path)) {
      locks.pointOfNoReturn();
    }
    return value;
  }

  /** Whether the procedure is only gone through as far as an earlier run came. */
  boolean onlyRecalls() {
    return recall.filter(Recall::isOnly).isPresent();
  }

  /** The same instant each time the run goes on, where it was asked in the same place. */
  Instant now() {
    String step = Journal.step();
    int count = clocks.computeIfAbsent(step, key -> new AtomicInteger()).incrementAndGet();
    return run.means().once("time " + count + " of \"" + step + "\"", run.time()::now);
  }

  private <T> T perform(String path, Closure<T> body) {
    run.journal().tell(new Event.StepStarted(path));
    recall.ifPresent(known -> known.tellWhyAgain(path));
    long start = run.time().nanos();
    try {
      if (Thread.interrupted()) {
        throw Problem.interrupted("interrupted before step \"" + path + "\"");
      }
      askBefore(path);
      T value = body.call();
      Object kept = Values.journalled(path, value);
      end(path, Event.Outcome.DONE, start, kept, null);
      return value;
    } catch (Throwable e) {
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

  /** One question after the other, also where steps are begun side by side. */
  private synchronized void askBefore(String path) {
    if (eachStep.isPresent() && !forecast.isDry()) {
      Consent.ask(eachStep.get(), "Go on with step \"" + path + "\"?", Optional.empty(), run);
    }
  }

  private void end(String path, Event.Outcome outcome, long start, Object value, String error) {
    run.journal()
        .tell(
            new Event.StepEnded(
                path, outcome, run.time().since(start), value, Revival.type(value), error));
  }

  /** One look at a condition that a real run would wait for. */
  <T> T foreseen(String what, Duration limit, Closure<T> condition) {
    if (onlyRecalls()) {
      return condition.call();
    }
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

  <T, R> List<R> parallel(Collection<T> items, int atOnce, int stopAfter, Closure<R> body) {
    // A clone for each: closures keep their delegate in a field.
    return Parallel.all(items, atOnce, stopAfter, item -> copy(body).call(item));
  }

  @SuppressWarnings("unchecked")
  private static <R> Closure<R> copy(Closure<R> body) {
    return (Closure<R>) body.clone();
  }

  void confirm(String question, Optional<String> name) {
    if (onlyRecalls()) {
      return;
    }
    if (forecast.isDry()) {
      String flag = name.map(text -> "--confirm=" + text).orElse("--yes");
      forecast.would("ask, unless " + flag + " was given: " + question);
      return;
    }
    consent.ask(question, name);
  }

  void lock(Lock lock) {
    requireOutside("lock");
    if (forecast.isDry()) {
      look(lock);
    } else {
      locks.takeOrWait(lock, run);
    }
  }

  private void look(Lock lock) {
    forecast.would("lock " + lock);
    locks.obstacle(lock, run).ifPresent(found -> forecast.unforeseen(found.fact()));
  }

  <T> T holding(Lock lock, Duration patience, Closure<T> body) {
    if (onlyRecalls()) {
      return body.call();
    }
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
    if (onlyRecalls()) {
      return; // it went on then
    }
    if (!forecast.assumes()) {
      throw Problem.refused(reason);
    }
    forecast.would("be refused, if it is still so then: " + reason);
    forecast.unforeseen("whether it is refused then: " + reason);
  }

  /** What a step says inside of itself is not heard again when the step is not done again. */
  private static void requireOutside(String word) {
    if (!Journal.step().isEmpty()) {
      throw Problem.usage("\"" + word + "\" is said inside of step \"" + Journal.step() + "\"")
          .hint("Say it before the step: a run that goes on does not go through it again.");
    }
  }

  void undo(String what, Closure<?> body) {
    requireOutside("undo");
    if (recall.filter(known -> known.isGone(what)).isPresent()) {
      return;
    }
    if (forecast.isDry()) {
      forecast.would("undo if it fails: " + what);
    } else {
      undo.onFailure(what, body);
      run.journal().tell(new Event.Undoable(what));
    }
  }

  void always(String what, Closure<?> body) {
    requireOutside("always");
    if (recall.filter(known -> known.isFinished(what)).isPresent()) {
      return;
    }
    if (forecast.isDry()) {
      forecast.would("do at the end in any case: " + what);
    } else {
      undo.always(what, body);
      run.journal().tell(new Event.Always(what));
    }
  }

  /** From here on only what takes back, and what has to happen in any case, is done. */
  void goBack() {
    locks.goBack();
  }

  void pointOfNoReturn() {
    locks.pointOfNoReturn();
    undo.forget();
    if (onlyRecalls()) {
      throw new Recall.End();
    }
    run.journal().tell(new Event.PointOfNoReturn());
  }

  @Override
  public void close() {
    locks.releaseAll(run);
    clusters.close();
  }
}
