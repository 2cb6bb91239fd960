package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.Standing.Kind;
import org.pgrunbook.postgres.Topology;
import org.pgrunbook.sql.Row;

/**
 * A node as it really is. What is not known, or means nothing for its kind, is null.
 *
 * @param node the node
 * @param is what it was found to be; a spare stays one, whatever runs on it
 * @param timeline the timeline that it is on
 * @param lsn a primary's write position; what a standby has replayed
 * @param upstream the node that it streams from
 * @param sender how that node sees it
 * @param lag the WAL up to the primary's position that a standby has not replayed
 * @param delay how old the last replayed commit is while there is more to replay; else 0
 * @param receiver how a standby gets its WAL
 * @param connections how many connections are taken
 * @param version of the server
 * @param remark why nothing is known, that it is not what the inventory declares, or what runs on a
 *     spare
 */
public record NodeStatus(
    Node node,
    Kind is,
    Integer timeline,
    Lsn lsn,
    Node upstream,
    WalSender sender,
    DataSize lag,
    Duration delay,
    String receiver,
    ConnectionUsage connections,
    String version,
    String remark) {

  static NodeStatus of(Standing standing, Topology topology, List<WalSender> senders) {
    try {
      return switch (standing.kind()) {
        case PRIMARY -> primary(standing, remark(standing));
        case STANDBY -> standby(standing, remark(standing), topology, senders);
        case SPARE -> spare(standing, topology, senders);
        case LOCKED_OUT, UNREACHABLE -> unknown(standing, standing.kind(), standing.remark());
      };
    } catch (Problem e) {
      return unknown(standing, Kind.UNREACHABLE, e.fact()); // it went away just now
    }
  }

  boolean isWritable() {
    return is == Kind.PRIMARY;
  }

  /** {@code pg1 (timeline 1, 0/3000060)}. */
  String position() {
    return "%s (timeline %d, %s)".formatted(node, timeline, lsn);
  }

  Stream<String> worries(Thresholds limits) {
    return Stream.of(
            Optional.ofNullable(remark)
                .filter(why -> is != Kind.SPARE)
                .map(why -> node + " is " + words(is) + ": " + why),
            Optional.ofNullable(lag)
                .filter(behind -> behind.compareTo(limits.lag()) > 0)
                .map(behind -> node + " has yet to replay " + behind + " of WAL"),
            silence().map(how -> node + " does not stream: " + how),
            Optional.ofNullable(connections)
                .filter(usage -> usage.percent() >= limits.connections())
                .map(usage -> node + " is running out of connections: " + usage + " are taken"))
        .flatMap(Optional::stream);
  }

  /** Its part in synchronous replication; null if nobody feeds it. */
  public String sync() {
    return sender == null ? null : sender.sync();
  }

  /** What a person should know of it besides the figures; null if nothing. */
  String remarks() {
    String text =
        Stream.of(Optional.ofNullable(remark), silence(), stranger())
            .flatMap(Optional::stream)
            .collect(Collectors.joining("; "));
    return text.isEmpty() ? null : text;
  }

  private Optional<String> silence() {
    return Optional.ofNullable(receiver).filter(how -> !how.startsWith("streaming"));
  }

  private Optional<String> stranger() {
    return Optional.ofNullable(receiver)
        .filter(how -> how.startsWith("streaming") && (upstream == null || how.contains(",")));
  }

  private static NodeStatus primary(Standing standing, String remark) {
    return new NodeStatus(
        standing.node(),
        standing.kind(),
        standing.timeline(),
        standing.lsn(),
        null,
        null,
        null,
        null,
        null,
        ConnectionUsage.of(standing.node()),
        standing.version(),
        remark);
  }

  private static NodeStatus standby(
      Standing standing, String remark, Topology topology, List<WalSender> senders) {
    Row row = standing.node().getSql().row(Question.RECEPTION.text());
    Lsn replayed = row.text("replayed") == null ? Lsn.NONE : Lsn.parse(row.text("replayed"));
    Optional<WalSender> sender = sender(row, senders);
    Optional<Node> upstream = upstream(row, topology).or(() -> sender.map(WalSender::from));
    return new NodeStatus(
        standing.node(),
        standing.kind(),
        standing.timeline(),
        replayed,
        upstream.orElse(null),
        sender.orElse(null),
        lag(topology, replayed),
        row.duration("delay"),
        row.text("receiver"),
        ConnectionUsage.of(standing.node()),
        standing.version(),
        remark);
  }

  /** What runs on it is no part of the cluster, but somebody put it there. */
  private static NodeStatus spare(Standing standing, Topology topology, List<WalSender> senders) {
    Standing found = Standing.ask(standing.node());
    boolean copy =
        topology.standings().stream()
            .anyMatch(
                one ->
                    !one.systemIdentifier().isEmpty()
                        && one.systemIdentifier().equals(found.systemIdentifier()));
    String what = copy ? "running a detached copy" : "running another database system";
    return switch (found.kind()) {
      case PRIMARY -> primary(found, null).asSpare(what + ", writable");
      case STANDBY -> {
        NodeStatus standby = standby(found, null, topology, senders);
        yield standby.asSpare(
            standby.upstream == null ? what + ", in recovery" : "a standby, declared as spare");
      }
      case LOCKED_OUT -> unknown(standing, Kind.SPARE, found.remark());
      case SPARE, UNREACHABLE -> unknown(standing, Kind.SPARE, null);
    };
  }

  private NodeStatus asSpare(String why) {
    return new NodeStatus(
        node,
        Kind.SPARE,
        timeline,
        lsn,
        upstream,
        sender,
        lag,
        delay,
        receiver,
        connections,
        version,
        why);
  }

  private static NodeStatus unknown(Standing standing, Kind kind, String remark) {
    return new NodeStatus(
        standing.node(), kind, null, null, null, null, null, null, null, null, null, remark);
  }

  /** The node at the address that the WAL receiver is connected to. */
  private static Optional<Node> upstream(Row row, Topology topology) {
    String host = row.text("sender_host");
    Integer port = row.as(Integer.class, "sender_port");
    return topology.standings().stream()
        .map(Standing::node)
        .filter(node -> isAt(node.spec(), host, port))
        .findFirst();
  }

  private static boolean isAt(NodeSpec node, String host, Integer port) {
    return Objects.equals(node.sql().port(), port)
        && (node.host().equals(host) || node.sql().host().equals(host));
  }

  /** Who feeds it: known by its slot, else by its name. */
  private static Optional<WalSender> sender(Row row, List<WalSender> senders) {
    String slot = row.text("slot");
    return senders.stream()
        .filter(
            one ->
                slot == null
                    ? one.application().equals(row.text("application"))
                    : slot.equals(one.slot()))
        .findFirst();
  }

  /** The primary was asked first, so a standby may be ahead of what it said. */
  private static DataSize lag(Topology topology, Lsn replayed) {
    return topology.writable().size() != 1
        ? null
        : Lsn.latest(topology.writable().getFirst().lsn(), replayed).minus(replayed);
  }

  private static String remark(Standing standing) {
    return standing.isAsDeclared() ? null : "declared as " + words(standing.declared());
  }

  private static String words(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
