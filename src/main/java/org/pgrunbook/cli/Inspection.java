package org.pgrunbook.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.pgrunbook.Exit;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.State;
import org.pgrunbook.runbook.Engine;
import org.pgrunbook.runbook.Source;

/**
 * A look at clusters, by a runbook that changes nothing and asks nothing.
 *
 * @param runbook its name
 * @param target the cluster to look at; null: all of the inventory
 */
record Inspection(Main main, String runbook, String target) {

  /**
   * Looks at one cluster after the other, and prints why one is not as it should be.
   *
   * @return the exit status of the first that is not
   */
  int show(Terminal terminal, State state, Listener listener) {
    List<Exit> exits = new ArrayList<>();
    each(
        terminal,
        state,
        listener,
        result -> {
          result.problem().ifPresent(terminal::print);
          exits.add(result.exit());
        });
    return exits.stream().filter(exit -> exit != Exit.DONE).findFirst().orElse(Exit.DONE).code();
  }

  /** Looks at one cluster after the other; each result is told as it comes. */
  void each(Terminal terminal, State state, Listener listener, Consumer<Engine.Result> told) {
    Inventory inventory = main.inventory();
    Collection<ClusterSpec> clusters =
        target == null
            ? inventory.clusters().values()
            : List.of(inventory.target(target).cluster());
    Source source = main.library().find(runbook);
    Engine engine =
        main.engine(
            inventory, state, List.of(listener), new PersonOrFlags(terminal, false, List.of()));
    for (ClusterSpec cluster : clusters) {
      told.accept(engine.run(new Engine.Request(source, Optional.of(cluster.name()), Map.of())));
    }
  }
}
