package org.pgrunbook.postgres;

import java.util.HashMap;
import java.util.Map;
import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.journal.Named;
import org.pgrunbook.journal.Run;
import org.pgrunbook.sql.Sql;
import org.pgrunbook.ssh.Ssh;

/**
 * One node of a cluster, live: its wires, and its server as {@link Postmaster}. Nothing is
 * connected before it is needed.
 */
public final class Node implements Named, AutoCloseable {
  private final NodeSpec spec;
  private final Run run;
  private final Ssh ssh;
  private final Sql sql;
  private final Postmaster postmaster;

  private final Map<NodeSpec, Node> beside = new HashMap<>();

  Node(NodeSpec spec, Run run) {
    this(spec, run, new Ssh(spec, run));
  }

  private Node(NodeSpec spec, Run run, Ssh ssh) {
    this.spec = spec;
    this.run = run;
    this.ssh = ssh;
    this.sql = new Sql(spec.fullName(), spec.sql(), run, ssh::forward);
    this.postmaster = new Postmaster(this);
  }

  /** What the inventory declares. */
  public NodeSpec spec() {
    return spec;
  }

  /** For verbs: the run that this node is used by. */
  public Run run() {
    return run;
  }

  /** The name within its cluster, {@code pg1}. */
  public String getName() {
    return spec.name();
  }

  /** Its database server: {@code node.sql.rows('select …')}. Connects when first used. */
  public Sql getSql() {
    return sql;
  }

  /** Its host: {@code node.ssh.read('df', '-P')}. Connects when first used. */
  public Ssh getSsh() {
    return ssh;
  }

  /** The processes of its server: whether they run, start, stop. */
  public Postmaster getPostmaster() {
    return postmaster;
  }

  /**
   * Another server on the same host, which belongs to no cluster: it is started by pg_ctl, listens
   * on the host's loopback alone, or without a password on a socket, and is reached through SSH.
   *
   * @param purpose what it is there for, shown behind the node's name
   * @param data its data directory
   * @param port the port that it listens on
   * @param sockets the folder of its socket
   */
  public synchronized Node beside(String purpose, String data, int port, String sockets) {
    return beside.computeIfAbsent(
        spec.beside(purpose, data, port, sockets), other -> new Node(other, run, ssh));
  }

  @Override
  public String fullName() {
    return spec.fullName();
  }

  @Override
  public String toString() {
    return spec.name();
  }

  @Override
  public synchronized void close() {
    beside.values().forEach(other -> other.sql.close());
    sql.close();
    ssh.close();
  }
}
