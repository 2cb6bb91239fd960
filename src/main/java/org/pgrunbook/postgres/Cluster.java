package org.pgrunbook.postgres;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.InventoryEdit;
import org.pgrunbook.inventory.NodeSpec.Role;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Named;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.journal.Run;

/** A primary and its standbys, live. Which node is which is asked once and stays so for the run. */
public final class Cluster implements Named, AutoCloseable {
  private static final int NODES_AT_ONCE = 20;

  private final Inventory inventory;
  private final ClusterSpec spec;
  private final Run run;
  private final List<Node> nodes;
  private final List<Pooler> poolers;
  private final Map<Class<?>, AutoCloseable> belongings = new LinkedHashMap<>();
  private Topology topology;

  public Cluster(Inventory inventory, String name, Run run) {
    this.inventory = inventory;
    this.spec = inventory.cluster(name);
    this.run = run;
    this.nodes = spec.nodes().values().stream().map(node -> new Node(node, run)).toList();
    this.poolers =
        spec.poolers().stream().map(pooler -> new Pooler(name, pooler, nodes, run)).toList();
  }

  /** What the inventory declares. */
  public ClusterSpec spec() {
    return spec;
  }

  /** For verbs: the run that uses it. */
  public Run run() {
    return run;
  }

  /** All nodes of the inventory in its order, spares included. */
  public List<Node> getNodes() {
    return nodes;
  }

  /** The PgBouncers that lead clients to it. */
  public List<Pooler> getPoolers() {
    return poolers;
  }

  /**
   * The node of that name.
   *
   * @throws Problem with exit 2 if there is none
   */
  public Node node(String name) {
    var wanted = spec.node(name);
    return nodes.stream().filter(node -> node.spec().equals(wanted)).findFirst().orElseThrow();
  }

  /**
   * The one node that takes writes, whatever the inventory declares. Asked once in a run, and the
   * same when the run goes on.
   *
   * @throws Problem with exit 3 if there is none, or more than one
   */
  public Node getPrimary() {
    return getTopology().primary();
  }

  /**
   * The nodes in recovery. Asked once in a run.
   *
   * @throws Problem with exit 5 if a node that may be one of them does not let us in
   */
  public List<Node> getStandbys() {
    return getTopology().standbys();
  }

  /**
   * All nodes of the inventory, spares and standbys first and what takes writes last: for work that
   * had better go wrong on a standby. Of a node that does not answer the inventory's claim counts.
   */
  public List<Node> getStandbysFirst() {
    return getTopology().standbysFirst();
  }

  /**
   * How all nodes really stand, asked once in a run; where the inventory claims otherwise a warning
   * shows what to edit. That a node does not answer is part of the answer.
   */
  public Topology getTopology() {
    return topologyOf(() -> Parallel.all(nodes, NODES_AT_ONCE, Standing::of));
  }

  /**
   * For verbs: the same, from answers that were gathered in another way. Nobody is asked if it is
   * known already.
   */
  public synchronized Topology topologyOf(Supplier<List<Standing>> answers) {
    if (topology == null) {
      topology =
          run.means()
              .once("roles of " + spec.name(), () -> new Topology(spec.name(), answers.get()));
      warnOfWrongClaims();
    }
    return topology;
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

  /**
   * For verbs: something that is made when first asked for, belongs to this cluster and ends with
   * the run.
   */
  public synchronized <T extends AutoCloseable> T once(Class<T> type, Supplier<T> maker) {
    return type.cast(belongings.computeIfAbsent(type, key -> maker.get()));
  }

  @Override
  public void close() {
    nodes.forEach(Node::close);
    poolers.forEach(Pooler::close);
    for (AutoCloseable belonging : belongings.values()) {
      try {
        belonging.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + belonging, e);
      }
    }
  }

  /**
   * The edit that makes the inventory declare this node the primary and every other a standby;
   * spares stay spares. {@code text()} shows it.
   */
  public InventoryEdit inventoryEdit(Node primary) {
    Map<String, Role> roles =
        nodes.stream()
            .filter(node -> node.equals(primary) || node.spec().role() != Role.SPARE)
            .collect(
                Collectors.toMap(
                    Node::getName, node -> node.equals(primary) ? Role.PRIMARY : Role.STANDBY));
    return InventoryEdit.roles(inventory, spec, roles);
  }

  /**
   * The edit that makes the inventory declare one node as {@code standby} or {@code spare}.
   *
   * @throws Problem with exit 2 if the role is none
   */
  public InventoryEdit inventoryEdit(Node node, String role) {
    try {
      Role wanted = Role.valueOf(role.toUpperCase(Locale.ROOT));
      return InventoryEdit.roles(inventory, spec, Map.of(node.getName(), wanted));
    } catch (IllegalArgumentException e) {
      throw Problem.usage("role \"" + role + "\" is unknown").because(e);
    }
  }

  /**
   * Makes {@link #inventoryEdit(Node)} in the inventory's files: only the words of the roles
   * change, comments and layout stay. Does nothing if they are right.
   *
   * @throws Problem with exit 3 if a file was changed since it was read, or a role is written in a
   *     way that only a person should edit
   */
  @Changes
  public void writeRoles(Node primary) {
    write(inventoryEdit(primary));
  }

  /**
   * Makes the edit that declares one node as {@code standby} or {@code spare}; comments and layout
   * stay.
   *
   * @throws Problem with exit 2 if the role is none, with exit 3 as {@link #writeRoles}
   */
  @Changes
  public void writeRole(Node node, String role) {
    write(inventoryEdit(node, role));
  }

  private void write(InventoryEdit edit) {
    if (edit.text().isEmpty()) {
      return;
    }
    Doubt.repeatable(
        () ->
            run.means()
                .change(
                    Operation.change(Operation.Wire.FILE, spec.name(), edit.text()),
                    true,
                    meter -> {
                      edit.apply();
                      return true;
                    }));
  }

  private void warnOfWrongClaims() {
    List<Standing> writable = topology.writable();
    if (writable.size() != 1 || writable.getFirst().declared() == Role.PRIMARY) {
      return; // right, or so wrong that an edit of the inventory is no answer
    }
    Node primary = writable.getFirst().node();
    run.journal()
        .warn(
            "%s is the primary, not as the inventory declares; edit it, or let replication/write-roles do it:\n%s"
                .formatted(primary, inventoryEdit(primary).text()));
  }
}
