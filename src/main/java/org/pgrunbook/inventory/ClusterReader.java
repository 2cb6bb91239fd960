package org.pgrunbook.inventory;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.ClusterSpec.Hook;
import org.pgrunbook.inventory.ClusterSpec.Hooks;
import org.pgrunbook.inventory.ClusterSpec.Pooler;
import org.pgrunbook.inventory.ClusterSpec.Protection;
import org.pgrunbook.inventory.NodeSpec.Role;

/**
 * Reads a cluster.
 *
 * @param defaults the outermost of the three levels
 * @param repositories those that a cluster may name
 */
record ClusterReader(Section defaults, Map<String, RepositorySpec> repositories) {

  ClusterSpec read(String name, Section cluster) {
    cluster.allow("ssh", "sql");
    return new ClusterSpec(
        name,
        nodes(name, cluster),
        cluster.get("repository", this::known).map(repositories::get),
        cluster.items("poolers").stream().map(item -> pooler(item, cluster)).toList(),
        hooks(cluster.section("hooks"), cluster),
        cluster.get("spool", Form.text()),
        protection(cluster.section("protected")),
        thresholds(cluster.section("thresholds")),
        cluster.position().toString());
  }

  private Map<String, NodeSpec> nodes(String name, Section cluster) {
    Map<String, NodeSpec> nodes = new LinkedHashMap<>();
    Optional<String> primary = Optional.empty();
    var sections = cluster.named("nodes", node -> "node \"" + name + "/" + node + "\"");
    for (var entry : sections.entrySet()) {
      NodeSpec node =
          new NodeReader(defaults, cluster, entry.getValue()).read(name, entry.getKey());
      nodes.put(node.name(), node);
      if (node.role() != Role.PRIMARY) {
        continue;
      }
      if (primary.isPresent()) {
        cluster.fault(
            entry.getValue().position(),
            Problem.usage(cluster.subject() + " has a second primary, \"" + node.name() + "\"")
                .hint("\"" + primary.get() + "\" is declared primary already."));
      }
      primary = Optional.of(node.name());
    }
    cluster.require("nodes");
    if (nodes.isEmpty() && cluster.has("nodes")) {
      cluster.fault(cluster.position(), Problem.usage(cluster.subject() + " has no nodes"));
    }
    return nodes;
  }

  private String known(YamlValue repository) {
    String name = repository.text();
    if (!repositories.containsKey(name)) {
      throw Problem.usage("repository \"" + name + "\" is not in the inventory")
          .hint(Nearest.hint(name, repositories.keySet()));
    }
    return name;
  }

  private Pooler pooler(Section item, Section cluster) {
    item.require("pgbouncer");
    Section pgbouncer = item.section("pgbouncer");
    String host = pgbouncer.required("host", Form.text(), "");
    return new Pooler(
        host,
        pgbouncer.get("port", Form.port(), 6432),
        pgbouncer.get("user", Form.text(), "pgbouncer"),
        pgbouncer.get("password", Form.secret()),
        pgbouncer.get("config", Form.remotePath(), "/etc/pgbouncer/pgbouncer.ini"),
        NodeReader.ssh(pgbouncer.section("ssh", cluster, defaults), host));
  }

  private Hooks hooks(Section hooks, Section cluster) {
    return new Hooks(hook("fence", hooks, cluster), hook("promoted", hooks, cluster));
  }

  private Optional<Hook> hook(String name, Section hooks, Section cluster) {
    if (!hooks.has(name)) {
      return Optional.empty();
    }
    Section hook = hooks.section(name);
    Optional<String> host = hook.get("host", Form.text());
    return Optional.of(
        new Hook(
            hook.required("command", Form.text(), ""),
            hook.get("limit", Form.duration(), Duration.ofMinutes(1)),
            host,
            NodeReader.ssh(hook.section("ssh", cluster, defaults), host.orElse("localhost"))));
  }

  private static Protection protection(Section section) {
    return new Protection(
        section.get("users", Form.words()).orElse(List.of()),
        section.get("applications", Form.words()).orElse(List.of()));
  }

  private static Map<String, String> thresholds(Section section) {
    Map<String, String> thresholds = new LinkedHashMap<>();
    for (String name : section.keys()) {
      section.get(name, Form.text()).ifPresent(figure -> thresholds.put(name, figure));
    }
    return thresholds;
  }
}
