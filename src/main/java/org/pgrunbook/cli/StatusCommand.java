package org.pgrunbook.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgrunbook.Exit;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.JsonLines;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.runbook.Engine;
import org.pgrunbook.runbook.Source;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code pgrunbook status}: each cluster as it really is. It runs the runbook health/status, and
 * tells only what that says.
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

  @Override
  public Integer call() {
    Inventory inventory = main.inventory();
    Collection<ClusterSpec> clusters =
        target == null
            ? inventory.clusters().values()
            : List.of(inventory.target(target).cluster());
    Source runbook = main.library().find(RUNBOOK);
    Engine engine =
        main.engine(
            inventory,
            List.of(listener()),
            new PersonOrFlags(main.terminal, false, Optional.empty()));
    Exit exit = Exit.DONE;
    for (ClusterSpec cluster : clusters) {
      var request = new Engine.Request(runbook, Optional.of(cluster.name()), Map.of());
      Engine.Result result = Interrupts.during(() -> engine.run(request));
      result.problem().ifPresent(main::explain);
      exit = exit == Exit.DONE ? result.exit() : exit;
    }
    return exit.code();
  }

  private Listener listener() {
    return json
        ? new JsonLines(line -> main.terminal.out().println(line))
        : new Essence(main.terminal);
  }
}
