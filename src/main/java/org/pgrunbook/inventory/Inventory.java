package org.pgrunbook.inventory;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All that is known of the clusters, nodes and repositories.
 *
 * @param repositories by name
 * @param clusters by name
 * @param files the files it was read from
 * @param digest SHA-256 over these files, as hexadecimal digits
 */
public record Inventory(
    Map<String, RepositorySpec> repositories,
    Map<String, ClusterSpec> clusters,
    List<Path> files,
    String digest) {

  /** The cluster of that name. */
  public ClusterSpec cluster(String name) {
    ClusterSpec found = clusters.get(name);
    if (found == null) {
      throw org.pgrunbook.Problem.usage("there is no cluster \"" + name + "\"")
          .hint(org.pgrunbook.Nearest.hint(name, clusters.keySet()));
    }
    return found;
  }
}
