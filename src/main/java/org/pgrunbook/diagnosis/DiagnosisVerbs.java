package org.pgrunbook.diagnosis;

import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.inventory.ClusterSpec.Protection;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;

/** The verbs of diagnosis, as runbooks use them on clusters and nodes. */
public final class DiagnosisVerbs {
  private DiagnosisVerbs() {}

  /**
   * The cluster as it really is: {@code cluster.status}. That a node cannot be asked is part of the
   * answer.
   *
   * @throws org.pgrunbook.Problem with exit 1 if a node goes away while it is asked
   */
  public static ClusterStatus getStatus(Cluster cluster) {
    return ClusterStatus.of(cluster);
  }

  /**
   * From when on figures are worth a warning or an act.
   *
   * @throws org.pgrunbook.Problem with exit 2 if the inventory gives one that cannot be read
   */
  public static Thresholds getThresholds(Cluster cluster) {
    return Thresholds.of(cluster.spec());
  }

  /** Whose sessions are never ended: the cluster's {@code protected} in the inventory. */
  public static Protection getProtection(Cluster cluster) {
    return cluster.spec().protection();
  }

  /**
   * How many connections are taken, and how many there are.
   *
   * @throws org.pgrunbook.Problem with exit 5 if not even one is left for us
   */
  public static ConnectionUsage getConnectionUsage(Node node) {
    return ConnectionUsage.of(node);
  }

  /** The limits of their own that roles and databases have, and how much of them is taken. */
  public static List<ConnectionLimit> getConnectionLimits(Node node) {
    return ConnectionLimit.of(node);
  }

  /**
   * All sessions of clients at this moment, without our own.
   *
   * @param protection whose are never ended
   * @throws org.pgrunbook.Problem with exit 3 if our role lacks pg_monitor
   */
  public static Clients clients(Node node, Protection protection) {
    return Clients.of(node, protection);
  }

  /**
   * Ends sessions, ten at a time, and waits up to 5 seconds for each. A session that has done
   * anything since it was chosen is left alone, and so is one that is protected, whatever was
   * chosen. What the session's transaction did is rolled back.
   *
   * @param chosen sessions of {@link #clients}
   * @param protection whose are never ended
   * @throws org.pgrunbook.Problem with exit 3 if our role lacks pg_signal_backend
   */
  @Changes
  public static Ended end(Node node, List<Client> chosen, Protection protection) {
    return new Ending(node, protection).end(chosen);
  }
}
