package org.pgrunbook.runbook;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.RepositorySpec;
import org.pgrunbook.inventory.RepositorySpec.S3;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Named;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.store.Store;

/** The live clusters and nodes of a run: one of each, so that a connection is opened once. */
final class Clusters implements AutoCloseable {
  private final Inventory inventory;
  private final Run run;
  private final Map<String, Cluster> open = new LinkedHashMap<>();
  private final Map<String, Store> buckets = new LinkedHashMap<>();

  Clusters(Inventory inventory, Run run) {
    this.inventory = inventory;
    this.run = run;
  }

  /** The cluster of that name. */
  synchronized Cluster cluster(String name) {
    Cluster known = open.get(name);
    if (known != null) {
      return known;
    }
    Cluster cluster = new Cluster(inventory, name, run);
    open.put(name, cluster);
    run.journal().tell(new Event.Used(Parts.of(inventory, name)));
    return cluster;
  }

  /** A node or a cluster by the name that the journal knows it by. */
  Named named(Class<?> type, String fullName) {
    return type == Cluster.class ? cluster(fullName) : node(fullName, null);
  }

  /** Those that the run has used. */
  synchronized List<Cluster> open() {
    return List.copyOf(open.values());
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

  /** The objects of a bucket, whatever prefix the repository in it has. */
  synchronized Store bucket(String name) {
    return buckets.computeIfAbsent(name, key -> Store.open(bucketSpec(key), run));
  }

  private RepositorySpec bucketSpec(String name) {
    Optional<S3> known =
        inventory.repositories().values().stream()
            .map(RepositorySpec::place)
            .filter(S3.class::isInstance)
            .map(S3.class::cast)
            .filter(s3 -> s3.bucket().equals(name))
            .findFirst();
    S3 place =
        known
            .map(
                s3 ->
                    new S3(
                        name,
                        "",
                        s3.region(),
                        s3.endpoint(),
                        s3.pathStyle(),
                        s3.profile(),
                        s3.accessKey(),
                        s3.secretKey()))
            .orElseGet(
                () ->
                    new S3(
                        name,
                        "",
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    return new RepositorySpec(name, place, Optional.empty(), Optional.empty(), "none");
  }

  @Override
  public synchronized void close() {
    buckets.values().forEach(Store::close);
    buckets.clear();
    open.values().forEach(Cluster::close);
    open.clear();
  }
}
