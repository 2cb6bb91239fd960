package org.pgrunbook.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.Operation;

/** Knows at each moment what stopping at once would leave. */
final class InFlight implements Listener {
  private final Map<Long, Operation> changes = new LinkedHashMap<>();
  private final List<String> undos = new ArrayList<>();
  private String run = "";
  private String step = "";
  private boolean changed;

  @Override
  public synchronized void heard(Entry entry) {
    switch (entry.event()) {
      case Event.Started start -> run = start.run();
      case Event.StepStarted begun -> step = begun.step();
      case Event.OperationStarted begun when begun.operation().change() -> {
        changed = true;
        changes.put(begun.id(), begun.operation());
      }
      case Event.OperationEnded ended -> changes.remove(ended.id());
      case Event.Undoable undoable -> undos.add(undoable.undo());
      case Event.PointOfNoReturn _ -> undos.clear();
      case Event.StepEnded ended when ended.step().startsWith("undo: ") ->
          undos.remove(ended.step().substring("undo: ".length()));
      default -> {}
    }
  }

  /** What a person should hear before the process ends. */
  synchronized Problem left() {
    Problem problem =
        Problem.of(
            Exit.INTERRUPTED,
            "stopped at once" + (step.isEmpty() ? "" : ", in step \"" + step + "\""));
    if (!changed) {
      return problem.state("nothing was changed");
    }
    List<String> left = new ArrayList<>();
    changes.values().forEach(change -> left.add("in doubt: " + brief(change)));
    undos.reversed().forEach(undo -> left.add("not undone: " + undo));
    left.add("commands on the hosts may still be running");
    return problem
        .hint("Go on from here: pgrunbook resume " + run + ".")
        .hint("Or take back what can be: pgrunbook undo " + run + ".")
        .state(String.join("; ", left));
  }

  private static String brief(Operation change) {
    return change.node() + " " + Style.fit(change.text(), 80);
  }
}
