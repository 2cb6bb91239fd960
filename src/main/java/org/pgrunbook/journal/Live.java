package org.pgrunbook.journal;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;

/** Carries operations out for real, each between its intent and its outcome in the journal. */
public final class Live implements Means {
  /** Progress is told no more often than this. */
  private static final Duration PROGRESS = Duration.ofMillis(250);

  private final Journal journal;
  private final Time time;

  public Live(Journal journal, Time time) {
    this.journal = journal;
    this.time = time;
  }

  @Override
  public <T> T probe(Operation operation, Act<T> act) {
    return perform(operation, act);
  }

  @Override
  public <T> T change(Operation operation, T assumed, Act<T> act) {
    return perform(operation, act);
  }

  @Override
  public <T> T once(String key, Supplier<T> question) {
    T answer = question.get();
    journal.tell(new Event.Remembered(key, answer, Revival.type(answer)));
    return answer;
  }

  private <T> T perform(Operation operation, Act<T> act) {
    long id = journal.nextOperation();
    Progress progress = new Progress(id, operation.node());
    journal.tell(new Event.OperationStarted(id, operation));
    long start = time.nanos();
    try {
      T result = act.with(progress);
      end(progress, operation, Event.Outcome.DONE, start, null);
      return result;
    } catch (Problem e) {
      end(progress, operation, Event.Outcome.FAILED, start, e.fact());
      throw e.at(operation.node());
    } catch (Exception e) {
      end(progress, operation, Event.Outcome.FAILED, start, String.valueOf(e.getMessage()));
      throw Problem.failed(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
          .because(e)
          .at(operation.node());
    }
  }

  private void end(
      Progress progress, Operation operation, Event.Outcome outcome, long start, String error) {
    journal.tell(
        new Event.OperationEnded(
            progress.id, operation, outcome, time.since(start), progress.figures(), error));
  }

  /** Adds up what an operation tells of itself. */
  private final class Progress implements Meter {
    private final long id;
    private final String node;

    /** Who tells how far it is may be a thread that knows of no step. */
    private final String step = Journal.step();

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong expected = new AtomicLong();
    private final AtomicLong told = new AtomicLong(time.nanos());
    private final Map<String, Object> results = new ConcurrentSkipListMap<>();

    Progress(long id, String node) {
      this.id = id;
      this.node = node;
    }

    @Override
    public void expect(long total) {
      expected.addAndGet(total);
    }

    @Override
    public void moved(long more) {
      long sum = bytes.addAndGet(more);
      long last = told.get();
      long now = time.nanos();
      if (now - last >= PROGRESS.toNanos() && told.compareAndSet(last, now)) {
        journal.tell(new Event.Moved(id, sum, expected.get()));
      }
    }

    @Override
    public void wrote(Event.Wrote.Stream stream, String line) {
      journal.inside(
          step,
          () -> {
            journal.tell(new Event.Wrote(id, node, stream, line));
            return null;
          });
    }

    @Override
    public void result(String name, Object value) {
      results.put(name, value);
    }

    Map<String, Object> figures() {
      if (bytes.get() > 0) {
        results.putIfAbsent("bytes", bytes.get());
      }
      return Map.copyOf(results);
    }
  }
}
