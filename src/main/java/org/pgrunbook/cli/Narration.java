package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.Operation;

/**
 * Tells a run on the console. Steps and what they say are always told, and so is an operation that
 * failed; what else depends on the {@link Detail}. When a step fails, the last operations that led
 * to it are told even so. The journal has everything.
 */
final class Narration implements Listener {
  /** Which operations are told besides those that failed. */
  enum Detail {
    STEPS,
    CHANGES,
    EVERYTHING
  }

  /** How many operations explain a failure. */
  private static final int MEMORY = 5;

  /** For how long nothing is said before a line says that it still works. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private static final String MARK = "  … ";

  /** The same where the line goes away by itself. */
  private static final Duration SILENCE_ON_TERMINAL = Duration.ofSeconds(2);

  private final Terminal terminal;
  private final Detail detail;
  private final Style style;
  private final OpenSteps steps = new OpenSteps();
  private final Transfers transfers = new Transfers();
  private final Margin margin = new Margin();
  private final Map<String, Deque<Event.OperationEnded>> untold = new HashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();
  private Instant said = Instant.EPOCH;
  private boolean statusOnScreen;
  private boolean asking;

  Narration(Terminal terminal, Detail detail) {
    this.terminal = terminal;
    this.detail = detail;
    this.style = new Style(terminal.colours());
  }

  @Override
  public synchronized void heard(Entry entry) {
    switch (entry.event()) {
      case Event.Started start ->
          line(
              entry,
              style.bold(start.runbook() + " " + start.target())
                  + style.faint("  " + start.kind().words() + " " + start.run()));
      case Event.StepStarted step -> {
        steps.started(step.step(), entry.at());
        outer(entry, style.bold("> " + steps.name(step.step())));
      }
      case Event.StepEnded step -> ended(entry, step);
      case Event.StepReused step ->
          outer(entry, style.faint("= " + steps.name(step.step()) + "  reused: " + step.why()));
      case Event.OperationStarted start -> transfers.started(start, entry.at());
      case Event.Moved moved -> {
        transfers.moved(moved);
        showStatus(entry.at());
      }
      case Event.Progressed progressed -> transfers.progressed(progressed);
      case Event.Wrote wrote ->
          line(entry, margin.before(wrote.node()) + Margin.clean(wrote.line()));
      case Event.OperationEnded operation -> ended(entry, operation);
      case Event.Said remark -> {
        boolean warning = remark.level() == Event.Said.Level.WARNING;
        line(entry, warning ? style.yellow("warning: " + remark.text()) : remark.text());
      }
      case Event.Would would -> line(entry, "would " + would.text());
      case Event.Forecast forecast ->
          Foresight.lines(forecast, terminal.width()).forEach(text -> line(entry, text));
      case Event.Tabled table ->
          TextTable.shown(table.columns(), table.rows()).forEach(row -> line(entry, row));
      case Event.Measured measured ->
          line(entry, measured.name() + ": " + TextTable.cell(measured.value()));
      case Event.Confirmed confirmed ->
          line(
              entry,
              (confirmed.agreed() ? "agreed" : "not agreed")
                  + " ("
                  + confirmed.how()
                  + "): "
                  + confirmed.question());
      case Event.PointOfNoReturn _ -> line(entry, style.yellow("point of no return"));
      case Event.Locked lock ->
          line(
              entry,
              style.faint(
                  "lock "
                      + lock.lock()
                      + (lock.repository() == null ? ", on this machine only" : "")));
      case Event.Used used -> margin.knows(used);
      case Event.Unlocked _, Event.Undoable _, Event.Always _, Event.Remembered _ -> {}
      case Event.Ended end -> ended(entry, end);
    }
  }

  /**
   * Says what still runs if nothing was said for long. To be called every second or so.
   *
   * @param now the present instant
   */
  synchronized void stillWorking(Instant now) {
    if (terminal.interactive()) {
      showStatus(now);
    } else if (!said.plus(SILENCE).isAfter(now)) {
      String step = step(now).orElse("");
      String separator = step.isEmpty() ? "" : ": ";
      String how =
          how(now, terminal.width() - MARK.length() - step.length())
              .map(text -> separator + text)
              .orElse("");
      if (!(step + how).isEmpty()) {
        print(MARK + step + how, now);
      }
    }
  }

  /** While a person is asked nothing is redrawn under the question. */
  synchronized void asking(boolean begun) {
    asking = begun;
    clearStatus();
    terminal.out().flush();
  }

  private void ended(Entry entry, Event.StepEnded step) {
    if (step.outcome() == Event.Outcome.UNFORESEEN) {
      String what = "? " + steps.name(step.step()) + " cannot be foreseen: " + step.error();
      outer(entry, style.yellow(what));
    } else if (step.outcome() == Event.Outcome.FAILED) {
      tellWhatLedTo(entry);
      failures.put(step.step(), String.valueOf(step.error()));
      String after = step.took().isZero() ? "" : " after " + Durations.show(step.took());
      outer(entry, style.red("x " + steps.name(step.step()) + " failed" + after));
    } else if (step.took().compareTo(Duration.ofSeconds(1)) >= 0) {
      outer(entry, style.faint("  took " + Durations.show(step.took())));
    }
    untold.remove(step.step());
    if (steps.isOutermost(step.step()) || transfers.isIdle()) {
      transfers.reset();
    }
    steps.ended(step.step());
    clearStatus();
  }

  private void ended(Entry entry, Event.OperationEnded end) {
    if (end.outcome() == Event.Outcome.DESCRIBED) {
      line(entry, style.bold("would ") + Foresight.text(end.operation()));
      return;
    }
    transfers.ended(end);
    boolean failed = end.outcome() == Event.Outcome.FAILED;
    boolean worthALine =
        failed
            || detail == Detail.EVERYTHING
            || (detail == Detail.CHANGES && end.operation().change());
    if (worthALine) {
      line(entry, operation(entry, end, failed ? style.red(" failed") : ""));
    } else {
      Deque<Event.OperationEnded> last =
          untold.computeIfAbsent(entry.step(), step -> new ArrayDeque<>());
      last.add(end);
      if (last.size() > MEMORY) {
        last.remove();
      }
    }
  }

  /**
   * The error itself is printed as that of the command; here follow only those errors of steps that
   * a runbook caught.
   */
  private void ended(Entry entry, Event.Ended end) {
    String error = String.valueOf(end.error());
    if (end.code() != 0) {
      tellWhatLedTo(entry);
    }
    failures.forEach(
        (step, reason) -> {
          if (!error.contains(reason)) {
            line(entry, style.yellow("step \"" + step + "\" failed: " + reason));
          }
        });
    String word = end.code() == 0 ? style.green("done") : style.red(end.exit().replace('_', ' '));
    line(entry, word + " in " + Durations.show(end.took()));
  }

  private void tellWhatLedTo(Entry entry) {
    Deque<Event.OperationEnded> last = untold.remove(entry.step());
    if (last != null) {
      line(entry, style.faint("before that:"));
      last.forEach(end -> line(entry, operation(entry, end, "")));
    }
  }

  private String operation(Entry entry, Event.OperationEnded end, String outcome) {
    Operation what = end.operation();
    String head = "%-5s %-10s ".formatted(what.wire().name().toLowerCase(Locale.ROOT), what.node());
    String tail = "  " + Figures.of(end);
    int taken = indent(entry).length() + head.length() + tail.length() + " failed".length();
    String text = Style.fit(what.text(), Math.max(20, terminal.width() - taken));
    return style.faint(head) + text + style.faint(tail) + outcome;
  }

  private void showStatus(Instant now) {
    boolean patient = said.plus(SILENCE_ON_TERMINAL).isAfter(now);
    if (!terminal.interactive() || asking || patient) {
      return;
    }
    int width = terminal.width() - 1;
    // The step's name stands just above.
    how(now, width - MARK.length())
        .or(() -> step(now))
        .ifPresent(
            text -> {
              terminal.out().print("\r\u001b[K" + Style.cut(MARK + text, width));
              terminal.out().flush();
              statusOnScreen = true;
            });
  }

  /** The step in progress and for how long it has been. */
  private Optional<String> step(Instant now) {
    return steps
        .newest()
        .map(step -> steps.name(step) + ", " + Durations.show(steps.since(step, now)));
  }

  /** How far the transfers are, else which operation runs and for how long. */
  private Optional<String> how(Instant now, int width) {
    return transfers.text(now).or(() -> transfers.newest(width, now));
  }

  /** A line inside of the entry's step. */
  private void line(Entry entry, String text) {
    print(text.indent(indent(entry).length()).stripTrailing(), entry.at());
  }

  /** A line about the entry's step, as seen from outside of it. */
  private void outer(Entry entry, String text) {
    print("  ".repeat(Math.max(0, steps.depth(entry.step()) - 1)) + text, entry.at());
  }

  private void print(String text, Instant at) {
    clearStatus();
    terminal.out().println(text);
    terminal.out().flush();
    said = at;
  }

  private void clearStatus() {
    if (statusOnScreen) {
      terminal.out().print("\r\u001b[K");
      statusOnScreen = false;
    }
  }

  private String indent(Entry entry) {
    return "  ".repeat(steps.depth(entry.step()));
  }
}
