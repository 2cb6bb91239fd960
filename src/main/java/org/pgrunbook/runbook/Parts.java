package org.pgrunbook.runbook;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.pgrunbook.Sha256;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.RepositorySpec;
import org.pgrunbook.inventory.Setting;

/**
 * The parts of the inventory that a run uses, each with a digest: a run that goes on must find them
 * as they were. Roles are left out: they are claims, and a failover may itself have changed them.
 */
final class Parts {
  private Parts() {}

  /** The cluster itself, each of its nodes, and its repository. */
  static Map<String, String> of(Inventory inventory, String cluster) {
    Map<String, StringBuilder> texts = new TreeMap<>();
    ClusterSpec spec = inventory.cluster(cluster);
    String own = "clusters." + cluster + ".";
    String repository =
        spec.repository().map(RepositorySpec::name).map(n -> "repositories." + n + ".").orElse("-");
    for (Setting setting : inventory.settings()) {
      String path = setting.path();
      if (path.startsWith(own + "nodes.")) {
        String node = path.substring((own + "nodes.").length()).replaceFirst("\\..*", "");
        if (!path.equals(own + "nodes." + node + ".role")) {
          add(texts, "node " + cluster + "/" + node, setting);
        }
      } else if (path.startsWith(own)) {
        add(texts, "cluster " + cluster, setting);
      } else if (path.startsWith(repository)) {
        add(texts, "repository " + spec.repository().get().name(), setting);
      }
    }
    Map<String, String> digests = new TreeMap<>();
    texts.forEach((part, text) -> digests.put(part, digest(text.toString())));
    return digests;
  }

  private static void add(Map<String, StringBuilder> texts, String part, Setting setting) {
    texts
        .computeIfAbsent(part, key -> new StringBuilder())
        .append(setting.path())
        .append('=')
        .append(setting.value())
        .append('\n');
  }

  private static String digest(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }
}
