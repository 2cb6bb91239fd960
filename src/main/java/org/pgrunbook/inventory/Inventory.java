package org.pgrunbook.inventory;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;

/**
 * All that is known of the clusters, nodes and repositories.
 *
 * @param repositories by name, in the order of the files
 * @param clusters by name, in the order of the files
 * @param settings every effective value with its origin
 * @param files the files it was read from
 * @param digest SHA-256 over these files, as hexadecimal digits
 */
public record Inventory(
    Map<String, RepositorySpec> repositories,
    Map<String, ClusterSpec> clusters,
    List<Setting> settings,
    List<Path> files,
    String digest) {

  public Inventory {
    repositories = Collections.unmodifiableMap(new LinkedHashMap<>(repositories));
    clusters = Collections.unmodifiableMap(new LinkedHashMap<>(clusters));
    settings = List.copyOf(settings);
    files = List.copyOf(files);
  }

  /**
   * What a run acts on: a cluster, or one node of it.
   *
   * @param cluster the cluster
   * @param node the node; absent: all of the cluster
   */
  public record Target(ClusterSpec cluster, Optional<NodeSpec> node) {

    /** As it is written on the command line, {@code orders} or {@code orders/pg1}. */
    @Override
    public String toString() {
      return node.map(NodeSpec::fullName).orElse(cluster.name());
    }
  }

  /**
   * The cluster of that name.
   *
   * @throws Problem with exit 2 if there is none
   */
  public ClusterSpec cluster(String name) {
    ClusterSpec cluster = clusters.get(name);
    if (cluster == null) {
      throw Problem.usage("cluster \"" + name + "\" is not in the inventory")
          .hint(Nearest.hint(name, clusters.keySet()));
    }
    return cluster;
  }

  /**
   * The target that is written {@code CLUSTER} or {@code CLUSTER/NODE}.
   *
   * @throws Problem with exit 2 if there is none
   */
  public Target target(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return new Target(cluster(text), Optional.empty());
    }
    ClusterSpec cluster = cluster(text.substring(0, slash));
    return new Target(cluster, Optional.of(cluster.node(text.substring(slash + 1))));
  }

  /** Where the value of that path is written; empty if it is a default or there is none. */
  public Optional<Position> origin(String path) {
    return settings.stream()
        .filter(setting -> setting.path().equals(path))
        .findFirst()
        .flatMap(Setting::origin);
  }
}
