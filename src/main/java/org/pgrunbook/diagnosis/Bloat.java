package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * How much of the files of tables and btree indexes is free room: an estimate from the statistics
 * of the planner, and a measure where the extension pgstattuple is in the database.
 *
 * <p>The estimate knows averages of a sample, and sizes as of the last VACUUM or ANALYZE: take it
 * for a reason to look closer, not for a figure to plan by. Of an index that keeps equal keys once
 * it finds too little. TOAST tables and other kinds of indexes are not estimated.
 *
 * @param node the server
 * @param limit from which size on relations were looked at
 * @param relations those of which it can be told, of all databases, the one with the most free room
 *     first
 * @param unanalyzed those without statistics, by name and database: nobody can tell
 * @param hidden those whose statistics our role must not see
 * @param role our role there
 * @see <a href="https://www.postgresql.org/docs/current/storage-page-layout.html">Database page
 *     layout</a>
 * @see <a href="https://www.postgresql.org/docs/current/pgstattuple.html">pgstattuple</a>
 */
public record Bloat(
    Node node,
    DataSize limit,
    List<Relation> relations,
    List<String> unanalyzed,
    List<String> hidden,
    String role) {
  static final String INCIDENT = "bloat";

  /** Less free room than that is what a table lives with. */
  private static final int PERCENT = 50;

  /** To measure reads what is not known to be visible to all. */
  private static final int MEASURED = 10;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final String EXTENSION =
      "select quote_ident(n.nspname) as schema from pg_extension e join pg_namespace n"
          + " on n.oid = e.extnamespace where extname = 'pgstattuple'";

  /**
   * A table or an index.
   *
   * @param database where it is
   * @param name with its schema, quoted as SQL wants it
   * @param index whether it is an index
   * @param size of its file
   * @param free how much of that is free room, or dead rows
   * @param measured whether that was measured, not estimated
   */
  public record Relation(
      String database, String name, boolean index, DataSize size, DataSize free, boolean measured) {
    /** How many percent of it are free. */
    public long percent() {
      return 100 * free.bytes() / Math.max(1, size.bytes());
    }

    private boolean isMuch(DataSize limit) {
      return percent() >= PERCENT && free.bytes() >= limit.bytes() / 2;
    }

    /** What makes it smaller, and what that takes. */
    public String remedy() {
      return index
          ? "REINDEX INDEX CONCURRENTLY " + name + ";"
          : "pg_repack; or VACUUM FULL " + name + "; while nobody needs it";
    }

    @Override
    public String toString() {
      return "%s of %s (%d %%) of %s %s of database %s are free room"
          .formatted(free, size, percent(), index ? "index" : "table", name, database);
    }
  }

  static Bloat of(Server server, DataSize limit) {
    List<Relation> relations = new ArrayList<>();
    List<String> unanalyzed = new ArrayList<>();
    List<String> hidden = new ArrayList<>();
    for (Row row : server.inEveryDatabase(Question.BLOAT, limit.bytes())) {
      if (row.bool("hidden")) {
        hidden.add(inWords(row));
      } else if (row.bool("missing")) {
        unanalyzed.add(inWords(row));
      } else {
        relations.add(
            new Relation(
                row.text("database"),
                row.text("name"),
                row.bool("index"),
                row.bytes("size"),
                row.bytes("free"),
                false));
      }
    }
    List<Relation> suspects =
        relations.stream().filter(one -> one.isMuch(limit)).limit(MEASURED).toList();
    return new Bloat(
        server.node(),
        limit,
        relations.stream()
            .map(one -> suspects.contains(one) ? measured(server, one) : one)
            .sorted(Comparator.comparingLong((Relation one) -> one.free().bytes()).reversed())
            .toList(),
        List.copyOf(unanalyzed),
        List.copyOf(hidden),
        server.role());
  }

  private static String inWords(Row row) {
    return row.text("name") + " of database " + row.text("database");
  }

  /** What the server finds in its pages, where it can; else what was estimated. */
  private static Relation measured(Server server, Relation estimated) {
    if (estimated.index()) {
      return estimated;
    }
    var sql = server.node().getSql().database(estimated.database());
    Optional<String> schema =
        sql.rows(EXTENSION).stream().findFirst().map(row -> row.text("schema"));
    if (schema.isEmpty()) {
      return estimated;
    }
    try {
      Row row =
          sql.timeout(PATIENCE)
              .row(
                  "select table_len as size, (approx_free_space + dead_tuple_len)::bigint as free"
                      + " from %s.pgstattuple_approx(?::regclass)".formatted(schema.get()),
                  estimated.name());
      return new Relation(
          estimated.database(),
          estimated.name(),
          false,
          row.bytes("size"),
          row.bytes("free"),
          true);
    } catch (Problem e) {
      // Somebody has locked it, or it is too much to read: the estimate is what there is.
      return estimated;
    }
  }

  /** Those of which half or more is free room, and at least half of the limit. */
  public List<Relation> wasteful() {
    return relations.stream().filter(one -> one.isMuch(limit)).toList();
  }

  /** What was found out, and of what nobody can tell. */
  public List<Finding> findings() {
    return Stream.of(found(), ofHidden(), ofUnanalyzed()).flatMap(Optional::stream).toList();
  }

  private Optional<Finding> found() {
    List<Relation> much = wasteful();
    if (much.isEmpty()) {
      return Optional.of(
          Finding.ok(
              INCIDENT,
              node,
              "no table or index of %s is half empty, by estimate".formatted(limit)));
    }
    Relation first = much.getFirst();
    return Optional.of(
        new Finding(
            Verdict.WARN,
            INCIDENT,
            node,
            (first.measured() ? "" : "by estimate ")
                + first
                + (much.size() == 1 ? "" : ", and of %d more".formatted(much.size() - 1)),
            first.remedy()));
  }

  private Optional<Finding> ofHidden() {
    return hidden.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Finding(
                Verdict.UNKNOWN,
                INCIDENT,
                node,
                "nobody can tell of %s: role \"%s\" must not read the columns, nor their statistics"
                    .formatted(some(hidden), role),
                "GRANT pg_read_all_data TO \"" + role + "\"; or SELECT on these tables"));
  }

  private Optional<Finding> ofUnanalyzed() {
    return unanalyzed.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Finding(
                Verdict.UNKNOWN,
                INCIDENT,
                node,
                "nobody can tell of %s: there are no statistics of all columns"
                    .formatted(some(unanalyzed)),
                "ANALYZE them"));
  }

  private static String some(List<String> names) {
    return names.getFirst() + (names.size() == 1 ? "" : " and %d more".formatted(names.size() - 1));
  }
}
