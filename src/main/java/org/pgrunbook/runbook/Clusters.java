package org.pgrunbook.runbook;

import java.util.LinkedHashMap;
import java.util.Map;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;

/** The live clusters and nodes of a run: one of each, so that a connection is opened once. */
final class Clusters implements AutoCloseable {
  private final Inventory inventory;
  private final Run run;
  private final Map<String, Cluster> open = new LinkedHashMap<>();

  Clusters(Inventory inventory, Run run) {
    this.inventory = inventory;
    this.run = run;
  }

  /** The cluster of that name. */
  synchronized Cluster cluster(String name) {
    return open.computeIfAbsent(name, key -> new Cluster(inventory, key, run));
  }

  /** {@code CLUSTER/NODE}, or a node of the cluster that the run acts on. */
  Node node(String name, String home) {
    int slash = name.indexOf('/');
    if (slash < 0 && home == null) {
      throw Problem.usage("\"" + name + "\" names no cluster").hint("Write it as CLUSTER/NODE.");
    }
    return slash < 0
        ? cluster(home).node(name)
        : cluster(name.substring(0, slash)).node(name.substring(slash + 1));
  }

  @Override
  public synchronized void close() {
    open.values().forEach(Cluster::close);
    open.clear();
  }
}
