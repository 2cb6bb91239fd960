package org.pgrunbook.journal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.pgrunbook.Problem;

/**
 * Does one thing for many items with several threads. Whatever happens, all threads have ended when
 * it returns, and what they told belongs to the step that began them.
 */
public final class Parallel {
  private static final Duration MOMENT = Duration.ofMillis(100);

  private Parallel() {}

  /**
   * Goes on after a failure; in the end all failures are told, each with its item. One mistake that
   * all failed of, such as a missing secret file, is told once.
   */
  public static <T, R> List<R> all(Collection<T> items, int atOnce, Function<T, R> work) {
    return all(items, atOnce, Integer.MAX_VALUE, work);
  }

  /**
   * The same, which begins nothing more after so many failures. What is in progress then still
   * ends; what was not begun is told by name.
   */
  public static <T, R> List<R> all(
      Collection<T> items, int atOnce, int stopAfter, Function<T, R> work) {
    Crew<T, R> crew = new Crew<>(items, work, stopAfter);
    crew.work(atOnce);
    crew.failures().tell();
    return crew.results();
  }

  /** Begins nothing more after the first failure, which is thrown. */
  public static <T, R> List<R> untilFailure(Collection<T> items, int atOnce, Function<T, R> work) {
    Crew<T, R> crew = new Crew<>(items, work, 1);
    crew.work(atOnce);
    crew.failures().tellFirst();
    return crew.results();
  }

  /**
   * Does it for all items at once, each with a thread of its own, and gives up those that have not
   * ended in time: what a host that swallows packets would say, nobody waits for.
   *
   * @param limit for all of them together
   * @param late what to answer for an item that was given up
   */
  public static <T, R> List<R> within(
      Duration limit, Collection<T> items, Function<T, R> work, Function<T, R> late) {
    return within(limit, Duration.ZERO, items, work, late);
  }

  /**
   * The same one after the other: an item begins when the one before it has ended, or has not
   * within the patience. So one that hangs keeps nobody from the others.
   */
  public static <T, R> List<R> within(
      Duration limit,
      Duration patience,
      Collection<T> items,
      Function<T, R> work,
      Function<T, R> late) {
    try (Begun<T, R> begun = new Begun<>(limit, patience, items, work, late)) {
      return List.copyOf(items).stream().map(begun::of).toList();
    }
  }

  /**
   * Begins it for all items at once, as {@link #within} does, and waits for nothing: what is needed
   * of it is waited for when it is asked for.
   *
   * @param limit from now on, for all of them together
   * @param late what to answer for an item that was given up
   */
  public static <T, R> Begun<T, R> begin(
      Duration limit, Collection<T> items, Function<T, R> work, Function<T, R> late) {
    return new Begun<>(limit, Duration.ZERO, items, work, late);
  }

  /** Work in progress. What nobody has waited for is given up when it is closed. */
  public static final class Begun<T, R> implements AutoCloseable {
    private final List<T> items;
    private final Function<T, R> late;
    private final List<CompletableFuture<R>> results = new ArrayList<>();
    private final Thread foreman;

    private Begun(
        Duration limit,
        Duration patience,
        Collection<T> items,
        Function<T, R> work,
        Function<T, R> late) {
      this.items = List.copyOf(items);
      this.late = late;
      for (T _ : this.items) {
        results.add(new CompletableFuture<R>().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS));
      }
      foreman = Thread.startVirtualThread(Journal.carry(() -> oversee(work, patience)));
    }

    /** Stays until all have ended, or it is interrupted; then it interrupts those that have not. */
    private void oversee(Function<T, R> work, Duration patience) {
      List<Thread> begun = new ArrayList<>();
      try {
        for (int i = 0; i < items.size(); i++) {
          T item = items.get(i);
          CompletableFuture<R> result = results.get(i);
          Thread thread =
              Thread.startVirtualThread(
                  Journal.carry(() -> complete(result, () -> work.apply(item))));
          begun.add(thread);
          thread.join(patience);
        }
        for (Thread thread : begun) {
          thread.join();
        }
      } catch (InterruptedException e) {
        begun.forEach(Thread::interrupt);
        await(begun);
      }
    }

    /** Whoever heeds the interrupt has a moment to tell what came of it. */
    private static void await(List<Thread> threads) {
      try {
        for (Thread thread : threads) {
          if (!thread.join(MOMENT)) {
            return;
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static <R> void complete(CompletableFuture<R> result, Supplier<R> work) {
      try {
        result.complete(work.get());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      }
    }

    /**
     * What came of an item, once that is known or the limit is over.
     *
     * @throws Problem as the work did
     */
    public R of(T item) {
      try {
        return results.get(items.indexOf(item)).get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TimeoutException) {
          return late.apply(item);
        }
        throw Problem.of(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Problem.interrupted("interrupted").because(e);
      }
    }

    @Override
    public void close() {
      foreman.interrupt();
      await(List.of(foreman));
    }
  }

  /** The threads, the items that wait for them and what came of each. */
  private static final class Crew<T, R> {
    private record Job<T>(int index, T item) {}

    private final List<T> items;
    private final Function<T, R> work;
    private final int stopAfter;
    private final Queue<Job<T>> waiting = new ArrayDeque<>();
    private final List<R> results;
    private final SortedMap<Integer, Problem> problems = new TreeMap<>();
    private boolean stopped;

    Crew(Collection<T> items, Function<T, R> work, int stopAfter) {
      this.items = List.copyOf(items);
      this.work = work;
      this.stopAfter = stopAfter;
      for (int i = 0; i < this.items.size(); i++) {
        waiting.add(new Job<>(i, this.items.get(i)));
      }
      results = new ArrayList<>(Collections.nCopies(this.items.size(), null));
    }

    void work(int atOnce) {
      if (atOnce < 1) {
        throw Problem.usage(atOnce + " at once is none").hint("Give 1 or more.");
      }
      if (stopAfter < 1) {
        throw Problem.usage("to stop after " + stopAfter + " failures is not to begin")
            .hint("Give 1 or more.");
      }
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < Math.min(atOnce, items.size()); i++) {
        threads.add(Thread.startVirtualThread(Journal.carry(this::takeJobs)));
      }
      if (!join(threads)) {
        Thread.currentThread().interrupt();
        throw Problem.interrupted("interrupted");
      }
    }

    private void takeJobs() {
      for (Job<T> job = next(); job != null; job = next()) {
        try {
          R result = work.apply(job.item());
          synchronized (this) {
            results.set(job.index(), result);
          }
        } catch (Throwable e) {
          failed(job, Problem.of(e));
        }
      }
    }

    private synchronized Job<T> next() {
      return stopped ? null : waiting.poll();
    }

    private synchronized void failed(Job<T> job, Problem problem) {
      problems.put(job.index(), problem);
      stopped |= problems.size() >= stopAfter;
    }

    /**
     * Whether nobody interrupted us. The threads end in any case: what they hold has to be closed.
     */
    private boolean join(List<Thread> threads) {
      boolean undisturbed = true;
      for (Thread thread : threads) {
        while (thread.isAlive()) {
          try {
            thread.join();
          } catch (InterruptedException e) {
            undisturbed = false;
            synchronized (this) {
              stopped = true;
            }
            threads.forEach(Thread::interrupt);
          }
        }
      }
      return undisturbed;
    }

    List<R> results() {
      return Collections.unmodifiableList(results);
    }

    ManyFailures failures() {
      return new ManyFailures(
          items.size(),
          problems.keySet().stream().map(index -> String.valueOf(items.get(index))).toList(),
          List.copyOf(problems.values()),
          waiting.stream().map(job -> String.valueOf(job.item())).toList());
    }
  }
}
