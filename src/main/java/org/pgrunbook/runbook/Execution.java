package org.pgrunbook.runbook;

import groovy.lang.Closure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
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
      Problem problem = e instanceof Problem known ? known : Failures.of(e);
      end(path, Event.Outcome.FAILED, start, null, problem.fact());
      throw problem.at("step \"" + path + "\"");
    }
  }

  private void end(String path, Event.Outcome outcome, long start, Object value, String error) {
    run.journal().tell(new Event.StepEnded(path, outcome, run.time().since(start), value, error));
  }

  /**
   * Does something for every item at once, at most so many at a time; all of them end before this
   * returns.
   */
  <T, R> List<R> parallel(Collection<T> items, int atOnce, Closure<R> body) {
    List<T> all = List.copyOf(items);
    List<Optional<R>> results = new ArrayList<>();
    all.forEach(item -> results.add(Optional.empty()));
    Problem[] problems = new Problem[all.size()];
    Semaphore places = new Semaphore(atOnce);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      int index = i;
      threads.add(
          Thread.startVirtualThread(
              Journal.carry(
                  () -> {
                    try {
                      places.acquire();
                      try {
                        // A clone: closures keep their delegate in a field.
                        R result = one(body).call(all.get(index));
                        synchronized (results) {
                          results.set(index, Optional.ofNullable(result));
                        }
                      } finally {
                        places.release();
                      }
                    } catch (InterruptedException e) {
                      problems[index] = Problem.interrupted("interrupted before it began");
                    } catch (RuntimeException e) {
                      problems[index] = Failures.of(e);
                    }
                  })));
    }
    join(threads);
    throwAll(all, problems);
    return results.stream().map(result -> result.orElse(null)).collect(Collectors.toList());
  }

  @SuppressWarnings("unchecked")
  private static <R> Closure<R> one(Closure<R> body) {
    return (Closure<R>) body.clone();
  }

  private static void join(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (true) {
        try {
          thread.join();
          break;
        } catch (InterruptedException e) {
          // They must end by themselves: what they hold has to be closed and what they began to be
          // told.
          interrupted = true;
          threads.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void throwAll(List<?> items, Problem[] problems) {
    List<Integer> failed = new ArrayList<>();
    for (int i = 0; i < problems.length; i++) {
      if (problems[i] != null) {
        failed.add(i);
      }
    }
    if (failed.isEmpty()) {
      return;
    }
    Problem first = problems[failed.getFirst()];
    if (failed.size() == 1) {
      throw first.at(String.valueOf(items.get(failed.getFirst())));
    }
    String list =
        failed.stream()
            .map(i -> "\n  " + items.get(i) + ": " + problems[i].fact())
            .collect(Collectors.joining());
    Problem all =
        Problem.of(first.exit(), failed.size() + " of " + items.size() + " failed:" + list);
    first.hints().forEach(all::hint);
    throw all.because(first);
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

  void pointOfNoReturn() {
    locks.requireHeld();
    undo.forget();
    run.journal().tell(new Event.PointOfNoReturn());
  }

  @Override
  public void close() {
    locks.release(run);
    clusters.close();
  }
}
