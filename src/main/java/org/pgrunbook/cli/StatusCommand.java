package org.pgrunbook.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgrunbook.Exit;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.State;
import org.pgrunbook.runbook.Engine;
import org.pgrunbook.runbook.Source;
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

  /** Looks at every cluster once; the first that is not as it should be gives the exit status. */
  private int show(Terminal terminal, State state) {
    Inventory inventory = main.inventory();
    Collection<ClusterSpec> clusters =
        target == null
            ? inventory.clusters().values()
            : List.of(inventory.target(target).cluster());
    Source runbook = main.library().find(RUNBOOK);
    Engine engine = engine(terminal, state, inventory);
    Exit exit = Exit.DONE;
    for (ClusterSpec cluster : clusters) {
      var request = new Engine.Request(runbook, Optional.of(cluster.name()), Map.of());
      Engine.Result result = engine.run(request);
      result.problem().ifPresent(terminal::print);
      exit = exit == Exit.DONE ? result.exit() : exit;
    }
    return exit.code();
  }

  private Engine engine(Terminal terminal, State state, Inventory inventory) {
    Listener listener =
        json ? new StatusLines(line -> terminal.out().println(line)) : new Essence(terminal);
    return main.engine(
        inventory, state, List.of(listener), new PersonOrFlags(terminal, false, List.of()));
  }
}
