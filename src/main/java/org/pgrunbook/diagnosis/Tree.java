package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Standing.Kind;

/** A cluster's nodes as a tree: below each those that stream from it. */
public final class Tree {

  /**
   * One line of the tree.
   *
   * @param node its name behind the branches that lead to it
   * @param is what it was found to be
   * @param timeline the timeline that it is on
   * @param lsn a primary's write position; what a standby has replayed
   * @param lag the WAL of the primary that it has not replayed
   * @param delay how old the last replayed commit is while there is more to replay; else 0
   * @param sync its part in synchronous replication
   * @param connections how many connections are taken
   * @param version of the server
   * @param remark what else a person should know
   */
  public record Line(
      String node,
      Kind is,
      Integer timeline,
      Lsn lsn,
      DataSize lag,
      Duration delay,
      String sync,
      ConnectionUsage connections,
      String version,
      String remark) {}

  private final List<NodeStatus> nodes;
  private final Set<NodeStatus> drawn = new LinkedHashSet<>();
  private final List<Line> lines = new ArrayList<>();

  Tree(List<NodeStatus> nodes) {
    this.nodes = nodes;
  }

  /** Those that stream from no node of the cluster are roots, the primary first. */
  List<Line> lines() {
    nodes.stream()
        .filter(node -> node.upstream() == null)
        .sorted(Comparator.comparing(node -> !node.isWritable()))
        .forEach(root -> draw(root, "", ""));
    // Standbys that stream from each other in a ring hang on no root.
    nodes.stream().filter(node -> !drawn.contains(node)).forEach(node -> draw(node, "", ""));
    return List.copyOf(lines);
  }

  private void draw(NodeStatus node, String branch, String below) {
    if (!drawn.add(node)) {
      return;
    }
    lines.add(
        new Line(
            branch + node.node(),
            node.is(),
            node.timeline(),
            node.lsn(),
            node.lag(),
            node.delay(),
            node.sync(),
            node.connections(),
            node.version(),
            node.remarks()));
    List<NodeStatus> fed =
        nodes.stream().filter(other -> node.node().equals(other.upstream())).toList();
    for (NodeStatus child : fed) {
      boolean last = child.equals(fed.getLast());
      draw(child, below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "));
    }
  }
}
