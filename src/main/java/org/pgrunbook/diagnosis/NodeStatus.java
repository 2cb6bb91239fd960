package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
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
 * @param is what it was found to be
 * @param timeline the timeline that it is on
 * @param lsn a primary's write position; what a standby has replayed
 * @param lag the WAL up to the primary's position that a standby has not replayed
 * @param delay how old the last replayed commit is while there is more to replay; else 0
 * @param receiver how a standby gets its WAL
 * @param connections how many connections are taken
 * @param version of the server
 * @param remark why nothing is known, or that it is not what the inventory declares
 */
public record NodeStatus(
    Node node,
    Kind is,
    Integer timeline,
    Lsn lsn,
    DataSize lag,
    Duration delay,
    String receiver,
    ConnectionUsage connections,
    String version,
    String remark) {

  static NodeStatus of(Standing standing, Topology topology) {
    try {
      return switch (standing.kind()) {
        case PRIMARY -> primary(standing);
        case STANDBY -> standby(standing, topology);
        case SPARE -> unknown(standing, Kind.SPARE, null);
        case LOCKED_OUT, UNREACHABLE -> unknown(standing, standing.kind(), standing.remark());
      };
    } catch (Problem e) {
      return unknown(standing, Kind.UNREACHABLE, e.fact()); // it went away just now
    }
  }

  boolean isKnown() {
    return version != null;
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
            Optional.ofNullable(remark).map(why -> node + " is " + words(is) + ": " + why),
            Optional.ofNullable(lag)
                .filter(behind -> behind.compareTo(limits.lag()) > 0)
                .map(behind -> node + " has yet to replay " + behind + " of WAL"),
            Optional.ofNullable(receiver)
                .filter(how -> !how.startsWith("streaming"))
                .map(how -> node + " does not stream: " + how),
            Optional.ofNullable(connections)
                .filter(usage -> usage.percent() >= limits.connections())
                .map(usage -> node + " is running out of connections: " + usage + " are taken"))
        .flatMap(Optional::stream);
  }

  private static NodeStatus primary(Standing standing) {
    return new NodeStatus(
        standing.node(),
        standing.kind(),
        standing.timeline(),
        standing.lsn(),
        null,
        null,
        null,
        ConnectionUsage.of(standing.node()),
        standing.version(),
        remark(standing));
  }

  private static NodeStatus standby(Standing standing, Topology topology) {
    Row row = standing.node().getSql().row(Question.RECEPTION.text());
    Lsn replayed = row.text("replayed") == null ? Lsn.NONE : Lsn.parse(row.text("replayed"));
    return new NodeStatus(
        standing.node(),
        standing.kind(),
        standing.timeline(),
        replayed,
        lag(topology, replayed),
        row.duration("delay"),
        row.text("receiver"),
        ConnectionUsage.of(standing.node()),
        standing.version(),
        remark(standing));
  }

  private static NodeStatus unknown(Standing standing, Kind kind, String remark) {
    return new NodeStatus(standing.node(), kind, null, null, null, null, null, null, null, remark);
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
