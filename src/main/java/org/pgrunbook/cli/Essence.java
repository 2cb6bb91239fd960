package org.pgrunbook.cli;

import java.util.Locale;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Listener;

/** Tells only what a runbook itself says: its remarks, warnings, tables and figures. */
final class Essence implements Listener {
  private final Terminal terminal;
  private final Style style;

  Essence(Terminal terminal) {
    this.terminal = terminal;
    this.style = new Style(terminal.colours());
  }

  @Override
  public void heard(Entry entry) {
    switch (entry.event()) {
      case Event.Started start -> terminal.out().println(style.bold(start.target()));
      case Event.Said said ->
          say(
              said.level() == Event.Said.Level.WARNING
                  ? style.yellow("warning: " + said.text())
                  : said.text());
      case Event.Tabled table ->
          terminal.table(
              table.columns().stream().map(name -> name.toUpperCase(Locale.ROOT)).toList(),
              table.rows());
      case Event.Measured measured ->
          say(measured.name() + ": " + TextTable.cell(measured.value()));
      default -> {}
    }
    terminal.out().flush();
  }

  private void say(String text) {
    terminal.out().println(text);
  }
}
