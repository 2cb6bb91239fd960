package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Pooler;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.Standing.Kind;
import org.pgrunbook.postgres.Topology;

/**
 * Where a pooler leads the clients of a database. What is not known is null.
 *
 * @param pooler where it listens
 * @param database what its clients call the database; null if nothing is known of the pooler
 * @param node the node that it is on
 * @param is what that node was found to be
 * @param paused whether the clients are held back
 * @param remark what somebody should know of it
 */
public record PoolerStatus(
    String pooler, String database, Node node, Kind is, Boolean paused, String remark) {

  /** Whoever looks at a cluster does not wait longer for a pooler. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  static List<PoolerStatus> of(List<Pooler> poolers, Topology topology) {
    return Parallel.within(
            LIMIT,
            poolers,
            pooler -> of(pooler, topology),
            pooler -> unknown(pooler, "no answer within " + Durations.show(LIMIT)))
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static List<PoolerStatus> of(Pooler pooler, Topology topology) {
    try {
      return of(pooler.toString(), pooler.getDatabases(), topology.standings());
    } catch (Problem e) {
      if (e.exit() != Exit.UNREACHABLE && e.exit() != Exit.FAILED) {
        throw e;
      }
      return unknown(pooler, e.fact());
    }
  }

  private static List<PoolerStatus> unknown(Pooler pooler, String why) {
    return List.of(new PoolerStatus(pooler.toString(), null, null, null, null, why));
  }

  /** Those of its databases that are on the cluster; it may serve others, too. */
  static List<PoolerStatus> of(
      String pooler, List<Pooler.Database> databases, List<Standing> standings) {
    List<PoolerStatus> led =
        databases.stream()
            .flatMap(
                database ->
                    standings.stream()
                        .filter(standing -> database.isOn(standing.node()))
                        .map(standing -> of(pooler, database, standing)))
            .toList();
    return led.isEmpty()
        ? List.of(
            new PoolerStatus(
                pooler, null, null, null, null, "none of its databases is on this cluster"))
        : led.stream().anyMatch(one -> one.is == Kind.PRIMARY)
            ? led
            : led.stream().map(PoolerStatus::leadingNobody).toList();
  }

  private static PoolerStatus of(String pooler, Pooler.Database database, Standing standing) {
    boolean serves = standing.kind() == Kind.PRIMARY || standing.kind() == Kind.STANDBY;
    return new PoolerStatus(
        pooler,
        database.name(),
        standing.node(),
        standing.kind(),
        database.paused(),
        serves ? null : "its clients are led to a node that is " + words(standing.kind()));
  }

  /**
   * A pooler for readers alone is declared in no inventory: it has not to be told of a failover.
   */
  private PoolerStatus leadingNobody() {
    return new PoolerStatus(
        pooler,
        database,
        node,
        is,
        paused,
        remark != null ? remark : "the pooler leads nobody to the primary");
  }

  /** What somebody should look at, as a fact. */
  Optional<String> worry() {
    String what = "pooler " + pooler + (database == null ? "" : ", database \"" + database + "\"");
    return remark != null
        ? Optional.of(what + ": " + remark)
        : Boolean.TRUE.equals(paused)
            ? Optional.of(what + ": its clients are held back (PAUSE)")
            : Optional.empty();
  }

  private static String words(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
