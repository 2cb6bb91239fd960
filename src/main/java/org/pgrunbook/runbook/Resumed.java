package org.pgrunbook.runbook;

import java.util.Map;
import java.util.function.Supplier;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Means;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Revival;

/**
 * Carries operations out for real, in a run that goes on where another was ended. A change that the
 * other has begun in a step which did not end is made again only if its verb knows that this is
 * right.
 */
final class Resumed implements Means {
  private final Means live;
  private final Journal journal;
  private final Past past;
  private Revival revival;
  private boolean frozen;

  Resumed(Means live, Journal journal, Past past) {
    this.live = live;
    this.journal = journal;
    this.past = past;
  }

  /** Says how nodes are found by their names, which need this to exist first. */
  void reviveBy(Revival by) {
    revival = by;
  }

  /** From here on, or until it is said otherwise, a change ends the replay. */
  void freeze(boolean yes) {
    frozen = yes;
  }

  @Override
  public <T> T probe(Operation operation, Act<T> act) {
    return live.probe(operation, act);
  }

  @Override
  public <T> T change(Operation operation, T assumed, Act<T> act) {
    if (frozen) {
      throw new Recall.End();
    }
    String text =
        Past.text(
            Map.of(
                "wire", operation.wire().name().toLowerCase(java.util.Locale.ROOT),
                "node", operation.node(),
                "text", operation.text()));
    if (!past.hasBegun(Journal.step(), text)) {
      return live.change(operation, assumed, act);
    }
    return switch (Doubt.settle()) {
      case DONE -> {
        journal.note("done already: " + operation.node() + ": " + operation.text());
        yield assumed;
      }
      case NOT_DONE -> live.change(operation, assumed, act);
      case UNKNOWN ->
          throw Problem.unknownState("nobody knows whether this was done: " + operation.text())
              .at(operation.node())
              .hint("Look there whether it was.")
              .hint(
                  "Then go on by hand, or begin anew: a change that is alone in its step, and"
                      + " ended, is never made twice.")
              .state("the run before was ended while it was in step \"" + Journal.step() + "\"");
    };
  }

  @Override
  public boolean wasBegun() {
    return past.hasBegun(Journal.step());
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T once(String key, Supplier<T> question) {
    var kept = past.remembered(key);
    if (kept.isEmpty()) {
      return live.once(key, question);
    }
    T answer = (T) revival.revive(kept.get().type(), kept.get().value());
    journal.tell(new Event.Remembered(key, answer, kept.get().type()));
    return answer;
  }
}
