package org.pgrunbook.postgres;

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

  Node(NodeSpec spec, Run run) {
    this.spec = spec;
    this.run = run;
    this.ssh = new Ssh(spec, run);
    this.sql = new Sql(spec.fullName(), spec.sql(), run, ssh::forward);
    this.postmaster = new Postmaster(this);
  }

  /** What the inventory declares. */
  public NodeSpec spec() {
    return spec;
  }

  /** The run that this node is used by. */
  public Run run() {
    return run;
  }

  /** The name within its cluster, {@code pg1}. */
  public String getName() {
    return spec.name();
  }

  /** Its database server: {@code node.sql.rows('select …')}. */
  public Sql getSql() {
    return sql;
  }

  /** Its host: {@code node.ssh.read('df', '-P')}. */
  public Ssh getSsh() {
    return ssh;
  }

  /** Its server's processes: start, stop, is it running. */
  public Postmaster getPostmaster() {
    return postmaster;
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
  public void close() {
    sql.close();
    ssh.close();
  }
}
