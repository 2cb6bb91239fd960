package org.pgrunbook.postgres;

import java.util.List;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.journal.Named;
import org.pgrunbook.journal.Run;

/** A primary and its standbys, live. */
public final class Cluster implements Named, AutoCloseable {
  private final ClusterSpec spec;
  private final Run run;
  private final List<Node> nodes;

  public Cluster(ClusterSpec spec, Run run) {
    this.spec = spec;
    this.run = run;
    this.nodes = spec.nodes().values().stream().map(Node::new).toList();
  }

  /** What the inventory declares. */
  public ClusterSpec spec() {
    return spec;
  }

  public Run run() {
    return run;
  }

  /** All nodes of the inventory, spares included, in its order. */
  public List<Node> getNodes() {
    return nodes;
  }

  /** The node of that name. */
  public Node node(String name) {
    return nodes.stream()
        .filter(node -> node.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Problem.usage("cluster \"" + spec.name() + "\" has no node \"" + name + "\"")
                    .hint(Nearest.hint(name, spec.nodes().keySet())));
  }

  /** The lock of whoever ships WAL. */
  public Lock getWal() {
    return new Lock(spec.name(), "wal");
  }

  /** The lock of whoever takes or expires backups. */
  public Lock getBackup() {
    return new Lock(spec.name(), "backup");
  }

  /** The lock of whoever changes which node is the primary. */
  public Lock getRoles() {
    return new Lock(spec.name(), "roles");
  }

  @Override
  public String fullName() {
    return spec.name();
  }

  @Override
  public String toString() {
    return spec.name();
  }

  @Override
  public void close() {}
}
