package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Pooler;

/**
 * Where a PgBouncer leads the clients of one of its databases, and how many it lets wait. Of one
 * that says nothing only its address is known, and why.
 *
 * @param pooler its address
 * @param database what clients call it
 * @param leadsTo the node; its address if that is none of the cluster
 * @param mode when a client gives its connection back
 * @param paused whether all clients are held back
 * @param active clients that have a connection to the server
 * @param waiting clients that wait for one
 * @param longest how long the one that waits the longest does
 * @param obstacle why it says nothing; null if it does
 * @see <a href="https://www.pgbouncer.org/usage.html#show-pools">SHOW POOLS</a>
 */
public record PoolerUse(
    String pooler,
    String database,
    String leadsTo,
    String mode,
    Boolean paused,
    Long active,
    Long waiting,
    Duration longest,
    String obstacle) {
  private static final int POOLERS_AT_ONCE = 10;

  static List<PoolerUse> of(Cluster cluster) {
    return Parallel.all(cluster.getPoolers(), POOLERS_AT_ONCE, pooler -> of(cluster, pooler))
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static List<PoolerUse> of(Cluster cluster, Pooler pooler) {
    try {
      List<Pooler.Database> databases = pooler.getDatabases();
      List<Map<String, String>> pools = pooler.show("POOLS");
      return databases.stream().map(database -> of(cluster, pooler, database, pools)).toList();
    } catch (Problem e) {
      return List.of(
          new PoolerUse(pooler.toString(), null, null, null, null, null, null, null, e.fact()));
    }
  }

  private static PoolerUse of(
      Cluster cluster, Pooler pooler, Pooler.Database database, List<Map<String, String>> pools) {
    List<Map<String, String>> own =
        pools.stream().filter(pool -> pool.get("database").equals(database.name())).toList();
    return new PoolerUse(
        pooler.toString(),
        database.name(),
        leadsTo(cluster, database),
        own.stream().findFirst().map(pool -> pool.get("pool_mode")).orElse(database.mode()),
        database.paused(),
        sum(own, "cl_active"),
        sum(own, "cl_waiting"),
        own.stream().map(PoolerUse::waited).max(Duration::compareTo).orElse(Duration.ZERO),
        null);
  }

  private static String leadsTo(Cluster cluster, Pooler.Database database) {
    return Stream.concat(
            cluster.getNodes().stream()
                .filter(
                    node ->
                        node.spec().host().equals(database.host())
                            && node.spec().sql().port() == database.port())
                .map(Object::toString),
            Stream.of(database.host() + ":" + database.port()))
        .findFirst()
        .orElseThrow();
  }

  private static long sum(List<Map<String, String>> pools, String column) {
    return pools.stream().mapToLong(pool -> Long.parseLong(pool.get(column))).sum();
  }

  private static Duration waited(Map<String, String> pool) {
    return Duration.ofSeconds(Long.parseLong(pool.get("maxwait")))
        .plusNanos(1000 * Long.parseLong(pool.get("maxwait_us")));
  }
}
