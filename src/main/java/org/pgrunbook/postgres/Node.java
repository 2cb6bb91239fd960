package org.pgrunbook.postgres;

import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.journal.Named;

/** One node of a cluster, live. */
public final class Node implements Named {
  private final NodeSpec spec;

  Node(NodeSpec spec) {
    this.spec = spec;
  }

  /** What the inventory declares. */
  public NodeSpec spec() {
    return spec;
  }

  /** The name within its cluster, {@code pg1}. */
  public String getName() {
    return spec.name();
  }

  @Override
  public String fullName() {
    return spec.fullName();
  }

  @Override
  public String toString() {
    return spec.name();
  }
}
