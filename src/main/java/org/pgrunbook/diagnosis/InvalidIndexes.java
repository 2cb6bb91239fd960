package org.pgrunbook.diagnosis;

import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * Indexes whose concurrent build failed: no query uses them, and every write pays for them. One
 * that is unique may already refuse rows.
 *
 * @param node the server
 * @param indexes those of all databases
 * @see <a
 *     href="https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY">
 *     Building indexes concurrently</a>
 */
public record InvalidIndexes(Node node, List<Index> indexes) {
  static final String INCIDENT = "invalid-indexes";

  /**
   * A large index takes its time to build. No lock_timeout: the build waits for old transactions
   * without being in anybody's way, and to give up would leave another invalid index.
   */
  private static final String LIMIT = "12h";

  /**
   * One of them.
   *
   * @param database where it is
   * @param name its name with its schema, quoted as SQL wants it
   * @param table its table
   * @param unique whether it may already refuse rows
   * @param leftover whether a REINDEX CONCURRENTLY left it beside the one that it was to replace:
   *     {@code _ccnew}, {@code _ccold}
   * @param size what it takes
   */
  public record Index(
      String database,
      String name,
      String table,
      boolean unique,
      boolean leftover,
      DataSize size) {}

  static InvalidIndexes of(Server server) {
    server.requirePrimary();
    return new InvalidIndexes(
        server.node(),
        server.inEveryDatabase(Question.INVALID_INDEXES).stream()
            .map(InvalidIndexes::index)
            .toList());
  }

  private static Index index(Row row) {
    return new Index(
        row.text("database"),
        row.text("name"),
        row.text("table"),
        row.bool("unique"),
        row.bool("leftover"),
        row.bytes("size"));
  }

  /** The one of that name; null if there is none, or it is valid or being built. */
  public Index named(String name) {
    return indexes.stream().filter(one -> one.name().equals(name)).findFirst().orElse(null);
  }

  /** Builds it anew; what a REINDEX left beside its original is dropped. Neither blocks writes. */
  static void mend(Node node, Index index) {
    if (of(Server.of(node)).named(index.name()) == null) {
      if (node.run().means().wasBegun()) {
        return;
      }
      throw Problem.refused("index " + index.name() + " is valid by now, or being built, or gone");
    }
    try (var session = node.getSql().database(index.database()).session()) {
      session.execute("set statement_timeout = '" + LIMIT + "'");
      session.execute(
          (index.leftover() ? "drop index concurrently " : "reindex index concurrently ")
              + index.name());
    }
  }

  /** What was found out. */
  public Finding finding() {
    if (indexes.isEmpty()) {
      return Finding.ok(INCIDENT, node, "every index is valid");
    }
    Index first = indexes.getFirst();
    return Finding.of(
        Verdict.WARN,
        INCIDENT,
        node,
        "%s not valid: %s of table %s in database %s"
            .formatted(
                indexes.size() == 1 ? "1 index is" : indexes.size() + " indexes are",
                first.name(),
                first.table(),
                first.database()));
  }
}
