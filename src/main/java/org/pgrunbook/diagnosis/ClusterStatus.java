package org.pgrunbook.diagnosis;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Topology;

/**
 * A cluster as it really is.
 *
 * @param nodes each node
 * @param senders who gets WAL, from every server that sends some
 * @param slots what holds WAL back, on every server
 * @param archivers how the servers that take writes archive
 */
public record ClusterStatus(
    List<NodeStatus> nodes, List<WalSender> senders, List<Slot> slots, List<Archiver> archivers) {
  private static final int NODES_AT_ONCE = 20;

  static ClusterStatus of(Cluster cluster) {
    Topology topology = cluster.getTopology();
    List<NodeStatus> nodes =
        Parallel.all(
            topology.standings(), NODES_AT_ONCE, standing -> NodeStatus.of(standing, topology));
    List<Node> up = nodes.stream().filter(NodeStatus::isKnown).map(NodeStatus::node).toList();
    List<Node> writable =
        nodes.stream().filter(NodeStatus::isWritable).map(NodeStatus::node).toList();
    return new ClusterStatus(
        nodes,
        ofAll(up, WalSender::of),
        ofAll(up, Slot::of),
        Parallel.all(writable, NODES_AT_ONCE, Archiver::of));
  }

  private static <T> List<T> ofAll(List<Node> nodes, Function<Node, List<T>> ask) {
    return Parallel.all(nodes, NODES_AT_ONCE, ask).stream().flatMap(List::stream).toList();
  }

  /** What somebody should look at, each as a fact, the worst first; none if all is well. */
  public List<String> worries(Thresholds limits) {
    return Stream.of(
            roles(),
            nodes.stream().flatMap(node -> node.worries(limits)),
            archivers.stream().filter(Archiver::isFailing).map(Archiver::worry),
            slots.stream().filter(slot -> !slot.active()).map(Slot::worry))
        .flatMap(Function.identity())
        .toList();
  }

  private Stream<String> roles() {
    List<NodeStatus> writable = nodes.stream().filter(NodeStatus::isWritable).toList();
    if (writable.size() > 1) {
      String which =
          writable.stream().map(NodeStatus::position).collect(Collectors.joining(" and "));
      return Stream.of(
          "TWO WRITABLE PRIMARIES: %s; stop the one that the applications do not use first of all"
              .formatted(which));
    }
    return writable.isEmpty() ? Stream.of("no node is known to take writes") : Stream.empty();
  }
}
