package org.pgrunbook.journal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Carries out probes for real and only describes changes, each of which answers what its verb
 * assumes. A probe of what a described change would have touched is marked: its answer is that of
 * the state before.
 */
public final class Dry implements Means {
  /** The figure of a probe whose answer a described change would alter. */
  public static final String BEFORE = "before";

  /**
   * A change that a real run would make.
   *
   * @param step the path of the step; empty outside of any
   * @param operation what would be done
   */
  public record Change(String step, Operation operation) {}

  private final Journal journal;
  private final Means live;
  private final Set<String> touched = ConcurrentHashMap.newKeySet();
  private final List<Change> changes = new ArrayList<>();

  public Dry(Journal journal, Means live) {
    this.journal = journal;
    this.live = live;
  }

  @Override
  public <T> T probe(Operation operation, Act<T> act) {
    return live.probe(
        operation,
        meter -> {
          if (touched.contains(operation.node())) {
            meter.result(BEFORE, true);
          }
          return act.with(meter);
        });
  }

  @Override
  public <T> T change(Operation operation, T assumed, Act<T> act) {
    synchronized (changes) {
      changes.add(new Change(Journal.step(), operation));
    }
    touched.add(operation.node());
    journal.tell(
        new Event.OperationEnded(
            journal.nextOperation(),
            operation,
            Event.Outcome.DESCRIBED,
            Duration.ZERO,
            Map.of(),
            null));
    return assumed;
  }

  @Override
  public <T> T outcome(String what, T assumed, Supplier<T> proof) {
    if (!hasDescribed()) {
      return proof.get();
    }
    journal.tell(new Event.Would("make sure that " + what));
    return assumed;
  }

  @Override
  public <T> T once(String key, Supplier<T> question) {
    return live.once(key, question);
  }

  @Override
  public boolean isDry() {
    return true;
  }

  /** Whether a change was described already, so that what is found may no longer be so. */
  public boolean hasDescribed() {
    synchronized (changes) {
      return !changes.isEmpty();
    }
  }

  /** What a real run would change, in order. */
  public List<Change> changes() {
    synchronized (changes) {
      return List.copyOf(changes);
    }
  }
}
