package org.pgrunbook.cli;

import java.time.Duration;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.journal.Dry;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.Operation;

/** Tells a run on the console: a line when a step begins and ends, and one for each operation. */
final class Narration implements Listener {
  private final Terminal terminal;
  private final boolean operations;
  private final Style style;
  private final ProgressLine progress;

  /** Tells everything. */
  Narration(Terminal terminal) {
    this(terminal, true);
  }

  /** Tells the operations too, or only the steps. */
  Narration(Terminal terminal, boolean operations) {
    this.terminal = terminal;
    this.operations = operations;
    this.style = new Style(terminal.colours());
    this.progress = new ProgressLine(terminal);
  }

  @Override
  public void heard(Entry entry) {
    switch (entry.event()) {
      case Event.Started start ->
          line(
              "",
              style.bold(start.runbook() + " " + start.target())
                  + style.faint((start.dry() ? "  dry run " : "  run ") + start.run()));
      case Event.StepStarted step -> line(indent(entry), style.bold("> " + last(step.step())));
      case Event.StepEnded step -> ended(entry, step);
      case Event.OperationStarted _ -> {}
      case Event.Moved moved -> progress.moved(moved, entry.at());
      case Event.OperationEnded operation -> {
        progress.ended(operation.id());
        if (operation.outcome() == Event.Outcome.DESCRIBED) {
          line(inner(entry), style.bold("would ") + Foresight.text(operation.operation()));
        } else if (operations || operation.outcome() == Event.Outcome.FAILED) {
          ended(entry, operation);
        }
      }
      case Event.Would would -> line(inner(entry), "would " + would.text());
      case Event.Forecast forecast -> Foresight.lines(forecast).forEach(text -> line("", text));
      case Event.Said said -> {
        boolean warning = said.level() == Event.Said.Level.WARNING;
        line(inner(entry), warning ? style.yellow("warning: " + said.text()) : said.text());
      }
      case Event.Tabled table ->
          TextTable.shown(table.columns(), table.rows()).forEach(row -> line(inner(entry), row));
      case Event.Measured measured ->
          line(inner(entry), measured.name() + ": " + TextTable.cell(measured.value()));
      case Event.Confirmed confirmed ->
          line(
              inner(entry),
              (confirmed.agreed() ? "agreed" : "not agreed")
                  + " ("
                  + confirmed.how()
                  + "): "
                  + confirmed.question());
      case Event.PointOfNoReturn _ -> line(inner(entry), style.yellow("point of no return"));
      case Event.Locked lock -> line(inner(entry), style.faint("lock " + lock.lock()));
      case Event.Unlocked _ -> {}
      case Event.Undoable _ -> {}
      case Event.Ended end -> {
        String word =
            end.code() == 0 ? style.green("done") : style.red(end.exit().replace('_', ' '));
        line("", word + " in " + Durations.show(end.took()));
      }
    }
  }

  private void ended(Entry entry, Event.StepEnded step) {
    if (step.outcome() == Event.Outcome.UNFORESEEN) {
      line(
          indent(entry),
          style.yellow("? " + last(step.step()) + " cannot be foreseen: " + step.error()));
    } else if (step.outcome() == Event.Outcome.FAILED) {
      line(indent(entry), style.red("x " + last(step.step()) + ": " + step.error()));
    } else if (step.took().compareTo(Duration.ofSeconds(1)) >= 0) {
      line(indent(entry), style.faint("  took " + Durations.show(step.took())));
    }
  }

  private void ended(Entry entry, Event.OperationEnded operation) {
    Operation what = operation.operation();
    String head =
        "%-5s %-10s ".formatted(what.wire().name().toLowerCase(java.util.Locale.ROOT), what.node());
    String tail = "  " + figures(operation);
    int room = terminal.width() - inner(entry).length() - head.length() - tail.length();
    String text = Style.fit(what.text(), Math.max(20, room));
    String body = style.faint(head) + text + style.faint(tail);
    line(
        inner(entry),
        operation.outcome() == Event.Outcome.FAILED ? body + style.red(" failed") : body);
  }

  private static String figures(Event.OperationEnded operation) {
    StringBuilder figures = new StringBuilder(Durations.show(operation.took()));
    Object rows = operation.result().get("rows");
    if (rows instanceof Number number) {
      figures.append(", ").append(number).append(number.longValue() == 1 ? " row" : " rows");
    }
    if (operation.result().get("bytes") instanceof Number bytes) {
      figures.append(", ").append(new DataSize(bytes.longValue()));
    }
    if (operation.result().get("exit") instanceof Number exit && exit.intValue() != 0) {
      figures.append(", exit ").append(exit);
    }
    if (operation.result().containsKey(Dry.BEFORE)) {
      figures.append(", as it is before");
    }
    return figures.toString();
  }

  private void line(String indent, String text) {
    progress.clear();
    text.lines().forEach(line -> terminal.out().println(indent + line));
    terminal.out().flush();
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String indent(Entry entry) {
    return "  ".repeat(depth(entry.step()) - 1 < 0 ? 0 : depth(entry.step()) - 1);
  }

  private static String inner(Entry entry) {
    return "  ".repeat(depth(entry.step()));
  }

  private static int depth(String path) {
    return path.isEmpty() ? 0 : 1 + (int) path.chars().filter(c -> c == '/').count();
  }
}
