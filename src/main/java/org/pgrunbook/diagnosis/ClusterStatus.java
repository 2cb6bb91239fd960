package org.pgrunbook.diagnosis;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.Standing.Kind;
import org.pgrunbook.postgres.Topology;

/**
 * A cluster as it really is.
 *
 * @param nodes each node
 * @param senders who gets WAL, from every server that sends some
 * @param slots what holds WAL back, on every server
 * @param archivers how the servers that take writes archive
 * @param poolers where the poolers lead their clients
 */
public record ClusterStatus(
    List<NodeStatus> nodes,
    List<WalSender> senders,
    List<Slot> slots,
    List<Archiver> archivers,
    List<PoolerStatus> poolers) {
  private static final int NODES_AT_ONCE = 20;

  static ClusterStatus of(Cluster cluster) {
    Topology topology = cluster.getTopology();
    List<Node> up = with(topology, Kind.PRIMARY, Kind.STANDBY);
    List<WalSender> senders = ofAll(up, WalSender::of);
    return new ClusterStatus(
        Parallel.all(
            topology.standings(),
            NODES_AT_ONCE,
            standing -> NodeStatus.of(standing, topology, senders)),
        senders,
        ofAll(up, Slot::of),
        Parallel.all(with(topology, Kind.PRIMARY), NODES_AT_ONCE, Archiver::of),
        PoolerStatus.of(cluster.getPoolers(), topology));
  }

  private static List<Node> with(Topology topology, Kind... kinds) {
    return topology.standings().stream()
        .filter(standing -> List.of(kinds).contains(standing.kind()))
        .map(Standing::node)
        .toList();
  }

  /** The nodes as a tree, below each those that stream from it. */
  public List<Tree.Line> getTree() {
    return new Tree(nodes).lines();
  }

  /** Who gets WAL and is no node of the inventory: backups, subscribers, other clusters. */
  public List<WalSender> getStrangers() {
    List<WalSender> known = nodes.stream().map(NodeStatus::sender).toList();
    return senders.stream().filter(sender -> !known.contains(sender)).toList();
  }

  /**
   * Fails unless exactly one node takes writes.
   *
   * @throws Problem with exit 1
   */
  public void requireOnePrimary() {
    roles()
        .findFirst()
        .ifPresent(
            fact -> {
              throw Problem.failed(fact).hint("See replication/failover if the primary is gone.");
            });
  }

  private static <T> List<T> ofAll(List<Node> nodes, Function<Node, List<T>> ask) {
    return Parallel.all(nodes, NODES_AT_ONCE, ask).stream().flatMap(List::stream).toList();
  }

  /** What somebody should look at, each as a fact, the worst first; none if all is well. */
  public List<String> worries(Thresholds limits) {
    return Stream.of(
            roles(),
            nodes.stream().flatMap(node -> node.worries(limits)),
            poolers.stream().map(PoolerStatus::worry).flatMap(Optional::stream),
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
