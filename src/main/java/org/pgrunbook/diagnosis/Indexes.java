package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.sql.Row;

/**
 * Indexes that cost more than they give, and foreign keys that lack one. Nothing is dropped for it:
 * that takes somebody who knows what runs once a year.
 *
 * @param node the server
 * @param unused those that no node of the cluster has scanned, and no constraint needs
 * @param twice those that are there again under another name
 * @param keys foreign keys that have no index
 * @param counted since when the youngest of the counters counts; null: since there is the database
 * @param unasked the nodes whose scans are not known, with why
 * @see <a
 *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-INDEXES-VIEW">
 *     pg_stat_all_indexes</a>
 */
public record Indexes(
    Node node,
    List<Index> unused,
    List<Twin> twice,
    List<ForeignKey> keys,
    Instant counted,
    List<String> unasked) {
  /** What runs once a week has not run in less. */
  private static final Duration LONG = Duration.ofDays(7);

  /**
   * An index.
   *
   * @param database where it is
   * @param name with its schema, quoted as SQL wants it
   * @param table its table
   * @param size of its file
   * @param scans how often it was used, on all nodes together
   */
  public record Index(String database, String name, String table, DataSize size, long scans) {}

  /**
   * Two with the same definition.
   *
   * @param spare the one that no constraint needs, or that is used less
   * @param same the other
   */
  public record Twin(Index spare, Index same) {}

  /**
   * A foreign key.
   *
   * @param database where it is
   * @param name of the constraint
   * @param table whose rows refer to others
   * @param columns by which they do, and which no index begins with
   * @param referenced the table that they refer to
   * @param size of the first table
   */
  public record ForeignKey(
      String database,
      String name,
      String table,
      String columns,
      String referenced,
      DataSize size) {}

  private record Seen(Index index, boolean needed, String definition) {}

  private record Key(String database, long oid) {}

  static Indexes of(Server server, Cluster cluster, DataSize limit) {
    Map<Key, Long> elsewhere = new HashMap<>();
    List<Instant> resets = new ArrayList<>();
    List<String> unasked = new ArrayList<>();
    for (Standing other : cluster.getTopology().standings()) {
      if (!other.node().equals(server.node()) && other.kind() != Standing.Kind.SPARE) {
        try {
          for (Row row : rows(Server.of(other.node()), limit)) {
            elsewhere.merge(key(row), row.number("scans"), Long::sum);
            resets.add(row.instant("since"));
          }
        } catch (Problem e) {
          unasked.add("%s (%s)".formatted(other.node(), e.fact()));
        }
      }
    }
    List<Seen> seen = new ArrayList<>();
    for (Row row : rows(server, limit)) {
      seen.add(
          new Seen(
              new Index(
                  row.text("database"),
                  row.text("name"),
                  row.text("table"),
                  row.bytes("size"),
                  row.number("scans") + elsewhere.getOrDefault(key(row), 0L)),
              row.bool("needed"),
              row.text("database") + row.bool("unique") + row.text("definition")));
      resets.add(row.instant("since"));
    }
    return new Indexes(
        server.node(),
        seen.stream()
            .filter(one -> !one.needed() && one.index().scans() == 0)
            .map(Seen::index)
            .toList(),
        twins(seen),
        server.inEveryDatabase(Question.FOREIGN_KEYS, limit.bytes()).stream()
            .map(
                row ->
                    new ForeignKey(
                        row.text("database"),
                        row.text("name"),
                        row.text("table"),
                        row.text("columns"),
                        row.text("referenced"),
                        row.bytes("size")))
            .toList(),
        resets.stream().filter(Objects::nonNull).max(Comparator.naturalOrder()).orElse(null),
        List.copyOf(unasked));
  }

  private static List<Row> rows(Server server, DataSize limit) {
    return server.inEveryDatabase(Question.INDEXES, limit.bytes());
  }

  private static Key key(Row row) {
    return new Key(row.text("database"), row.number("oid"));
  }

  /** Of each group of the same definition all but the one that is needed, or used the most. */
  private static List<Twin> twins(List<Seen> seen) {
    return seen.stream()
        .collect(Collectors.groupingBy(Seen::definition, LinkedHashMap::new, Collectors.toList()))
        .values()
        .stream()
        .flatMap(
            same -> {
              Seen kept =
                  same.stream()
                      .max(
                          Comparator.comparing(Seen::needed)
                              .thenComparingLong(one -> one.index().scans()))
                      .orElseThrow();
              return same.stream()
                  .filter(one -> !one.needed() && !one.equals(kept))
                  .map(one -> new Twin(one.index(), kept.index()));
            })
        .toList();
  }

  /** What was found out. */
  public List<Finding> findings() {
    return Stream.of(ofUnused(), ofTwice(), ofKeys()).toList();
  }

  private Finding ofUnused() {
    String incident = "unused-indexes";
    if (unused.isEmpty()) {
      return Finding.ok(incident, node, "every index that is worth a look is used");
    }
    Duration since = counted == null ? null : Duration.between(counted, node.run().time().now());
    String what =
        "%s that no node has used since %s, the largest: %s of database %s"
            .formatted(
                unused.size() == 1
                    ? "there is 1 index"
                    : "there are %d indexes".formatted(unused.size()),
                since == null ? "there is the database" : Durations.show(since) + " ago",
                unused.getFirst().name(),
                unused.getFirst().database());
    boolean early = since != null && since.compareTo(LONG) < 0;
    if (early || !unasked.isEmpty()) {
      return new Finding(
          Verdict.UNKNOWN,
          incident,
          node,
          "too little is known: "
              + what
              + (unasked.isEmpty() ? "" : "; not asked: " + String.join(", ", unasked)),
          "look again when a week was counted on every node");
    }
    return new Finding(
        Verdict.WARN,
        incident,
        node,
        what,
        "ask who needs it; then DROP INDEX CONCURRENTLY " + unused.getFirst().name() + ";");
  }

  private Finding ofTwice() {
    String incident = "duplicate-indexes";
    if (twice.isEmpty()) {
      return Finding.ok(incident, node, "no index is there twice");
    }
    Twin first = twice.getFirst();
    return new Finding(
        Verdict.WARN,
        incident,
        node,
        "%s of database %s is the same as %s%s"
            .formatted(
                first.spare().name(),
                first.spare().database(),
                first.same().name(),
                twice.size() == 1 ? "" : ", and so are %d more".formatted(twice.size() - 1)),
        "DROP INDEX CONCURRENTLY " + first.spare().name() + ";");
  }

  private Finding ofKeys() {
    String incident = "foreign-keys";
    if (keys.isEmpty()) {
      return Finding.ok(incident, node, "every foreign key of a large table has an index");
    }
    ForeignKey first = keys.getFirst();
    return new Finding(
        Verdict.WARN,
        incident,
        node,
        "no index of %s of database %s begins with %s: each row that is deleted from %s has it read from end to end%s"
            .formatted(
                first.table(),
                first.database(),
                first.columns(),
                first.referenced(),
                keys.size() == 1 ? "" : "; so it is with %d more".formatted(keys.size() - 1)),
        "CREATE INDEX CONCURRENTLY ON %s (%s);".formatted(first.table(), first.columns()));
  }
}
