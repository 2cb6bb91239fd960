package org.pgrunbook.cli;

import java.util.concurrent.Callable;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.State;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code pgrunbook status}: each cluster as it really is. It runs the runbook health/status, and
 * tells only what that says. A cluster in which no node takes writes, or two do, is a failure (1).
 */
@Command(
    name = "status",
    description = "Show clusters as they really are.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  private static final String RUNBOOK = "health/status";

  @ParentCommand private Main main;

  @Parameters(arity = "0..1", paramLabel = "CLUSTER", description = "All clusters unless given.")
  private String target;

  @Option(names = "--json", description = "Print JSON lines, and nothing else, on standard output.")
  private boolean json;

  @Option(names = "--watch", description = "Look again every 2 seconds, until Ctrl-C.")
  private boolean watch;

  @Override
  public Integer call() {
    return watch
        ? new Watch(main.terminal, !json, this::show).untilInterrupted()
        : look(main.terminal);
  }

  private int look(Terminal terminal) {
    return Interrupts.during(() -> show(terminal, main.state()));
  }

  private int show(Terminal terminal, State state) {
    Listener listener =
        json ? new StatusLines(line -> terminal.out().println(line)) : new Essence(terminal);
    return new Inspection(main, RUNBOOK, target).show(terminal, state, listener);
  }
}
