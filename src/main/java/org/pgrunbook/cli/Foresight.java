package org.pgrunbook.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pgrunbook.journal.Dry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Operation;

/** Says to a person what a dry run has come to. */
final class Foresight {
  /** So many changes of one step are shown in the summary; above it stand all of them. */
  private static final int A_STEP = 10;

  private Foresight() {}

  /** An operation with its whole text: {@code sql demo/pg2 select pg_promote(…)}. */
  static String text(Operation operation) {
    return head(operation) + operation.text().strip();
  }

  /** The changes in order, by step, then what could not be foreseen. */
  static List<String> lines(Event.Forecast forecast, int width) {
    List<String> lines = new ArrayList<>();
    List<Dry.Change> changes = forecast.changes();
    lines.add(
        changes.isEmpty()
            ? "nothing would be changed"
            : changes.size() + (changes.size() == 1 ? " change" : " changes") + " would be made:");
    String step = null;
    int shown = 0;
    for (Dry.Change change : changes) {
      if (!change.step().equals(step)) {
        more(lines, shown);
        step = change.step();
        shown = 0;
        lines.add("  " + (step.isEmpty() ? "outside of steps" : step));
      }
      if (shown++ < A_STEP) {
        lines.add("    " + brief(change.operation(), width - 4));
      }
    }
    more(lines, shown);
    if (!forecast.unforeseen().isEmpty()) {
      lines.add("not to be foreseen:");
      forecast.unforeseen().forEach(what -> lines.add("  " + what.replace("\n", "\n    ")));
    }
    return lines;
  }

  private static void more(List<String> lines, int shown) {
    if (shown > A_STEP) {
      lines.add("    and " + (shown - A_STEP) + " more");
    }
  }

  private static String brief(Operation operation, int width) {
    String head = head(operation);
    return head + Style.fit(operation.text(), Math.max(20, width - head.length()));
  }

  private static String head(Operation operation) {
    return operation.wire().name().toLowerCase(Locale.ROOT) + " " + operation.node() + " ";
  }
}
