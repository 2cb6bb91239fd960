package org.pgrunbook.runbook;

import java.util.function.Supplier;
import org.pgrunbook.journal.Means;
import org.pgrunbook.journal.Operation;

/** Makes a change only while the run's locks are its own. */
record Guarded(Means live, Locks locks) implements Means {

  @Override
  public <T> T probe(Operation operation, Act<T> act) {
    return live.probe(operation, act);
  }

  @Override
  public <T> T change(Operation operation, T assumed, Act<T> act) {
    // Before its intent is written down: what was not tried is not in doubt.
    locks.requireHeld();
    return live.change(operation, assumed, act);
  }

  @Override
  public <T> T once(String key, Supplier<T> question) {
    return live.once(key, question);
  }
}
