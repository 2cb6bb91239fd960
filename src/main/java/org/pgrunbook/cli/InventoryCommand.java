package org.pgrunbook.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.inventory.Setting;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook inventory}: what the inventory declares. */
@Command(
    name = "inventory",
    description = "Show what the inventory declares.",
    mixinStandardHelpOptions = true)
final class InventoryCommand implements Runnable {
  @ParentCommand private Main main;

  @Parameters(
      arity = "0..1",
      paramLabel = "TARGET",
      description = "CLUSTER or CLUSTER/NODE; all unless given.")
  private String target;

  @Option(
      names = "--resolved",
      description = "Every value that is in force, with the file:line it came from.")
  private boolean resolved;

  @Option(names = "--json", description = "Print JSON lines.")
  private boolean json;

  @Override
  public void run() {
    Inventory inventory = main.inventory();
    Optional<Inventory.Target> only = Optional.ofNullable(target).map(inventory::target);
    if (resolved) {
      List<Value> values =
          inventory.settings().stream()
              .filter(setting -> only.isEmpty() || setting.path().startsWith(path(only.get())))
              .map(Value::of)
              .toList();
      main.terminal.rows(values, Value.class, json);
      return;
    }
    List<Row> rows =
        only.map(one -> Stream.of(one.cluster()))
            .orElse(inventory.clusters().values().stream())
            .flatMap(
                cluster -> cluster.nodes().values().stream().map(node -> Row.of(cluster, node)))
            .filter(
                row ->
                    only.flatMap(Inventory.Target::node).isEmpty()
                        || row.node().equals(only.get().toString()))
            .toList();
    main.terminal.rows(rows, Row.class, json);
  }

  private static String path(Inventory.Target one) {
    String cluster = "clusters." + one.cluster().name() + ".";
    return one.node().map(node -> cluster + "nodes." + node.name() + ".").orElse(cluster);
  }

  /** A value that is in force. */
  record Value(String setting, String value, String from) {
    static Value of(Setting setting) {
      return new Value(setting.path(), setting.value(), setting.from());
    }
  }

  /** A node in the list. */
  record Row(String node, String role, String host, String sql, String ssh, String repository) {
    static Row of(ClusterSpec cluster, NodeSpec node) {
      return new Row(
          node.fullName(),
          node.role().name().toLowerCase(Locale.ROOT),
          node.host(),
          node.sql().user() + "@" + node.sql().host() + ":" + node.sql().port(),
          node.ssh().host() + node.ssh().port().map(port -> ":" + port).orElse(""),
          cluster.repository().map(repository -> repository.name()).orElse(null));
    }
  }
}
