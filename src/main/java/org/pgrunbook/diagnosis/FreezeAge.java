package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;

/**
 * How far the databases of a server are from running out of transaction ids, and multixacts: 3
 * million before the end it refuses every write.
 *
 * @param node the server
 * @param limit how old the oldest row that is not frozen may be
 * @param databases the oldest first
 * @see <a
 *     href="https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND">
 *     Preventing transaction ID wraparound failures</a>
 */
public record FreezeAge(Node node, long limit, List<Database> databases) {
  static final String INCIDENT = "xid-wraparound";

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 3;

  /** From here on a server refuses writes. */
  private static final long END = (1L << 31) - 3_000_000;

  /** Of a large database it takes its time, and is in nobody's way. */
  private static final Duration LIMIT = Duration.ofHours(12);

  /**
   * A database.
   *
   * @param connectable whether anybody but autovacuum may vacuum there: template0 is none
   * @param xids how many transactions old its oldest row is that is not frozen
   * @param multixacts the same in multixacts
   * @param forced from how many on autovacuum comes, whatever its settings say
   * @param database its name
   */
  public record Database(
      String database, boolean connectable, long xids, long multixacts, long forced) {
    /** The greater age. */
    public long age() {
      return Math.max(xids, multixacts);
    }

    /** Where only autovacuum comes, it comes late. */
    private boolean isOld(long limit) {
      return age() > (connectable ? limit : Math.max(limit, forced * 3 / 2));
    }
  }

  /**
   * A table, its TOAST included.
   *
   * @param database where it is
   * @param name with its schema, quoted as SQL wants it
   * @param xids how many transactions old its oldest row is that is not frozen
   * @param multixacts the same in multixacts
   * @param size at its last vacuum
   */
  public record Table(String database, String name, long xids, long multixacts, DataSize size) {
    /** The greater age. */
    public long age() {
      return Math.max(xids, multixacts);
    }
  }

  static FreezeAge of(Server server, long limit) {
    server.requirePrimary();
    return new FreezeAge(
        server.node(),
        limit,
        server.rows(Question.FREEZE_AGE).stream()
            .map(
                row ->
                    new Database(
                        row.text("database"),
                        row.bool("connectable"),
                        row.number("xids"),
                        row.number("multixacts"),
                        row.number("forced")))
            .toList());
  }

  /** The oldest tables of all databases that we may look into, templates too, the oldest first. */
  static List<Table> tables(Server server, long older) {
    List<String> databases =
        of(server, older).databases().stream()
            .filter(Database::connectable)
            .map(Database::database)
            .toList();
    return server.in(databases, Question.FREEZE_TABLES).stream()
        .map(
            row ->
                new Table(
                    row.text("database"),
                    row.text("name"),
                    row.number("xids"),
                    row.number("multixacts"),
                    row.bytes("size")))
        .filter(table -> table.age() > older)
        .sorted(Comparator.comparingLong(Table::age).reversed())
        .toList();
  }

  /** Freezes tables of one database in their order; one that somebody locks is left out. */
  static void freeze(Server server, List<Table> tables) {
    server.requireMaintenance();
    Doubt.repeatable(
        () ->
            server
                .node()
                .getSql()
                .database(tables.getFirst().database())
                .timeout(LIMIT)
                .execute(
                    "vacuum (freeze, index_cleanup off, truncate off, skip_locked) "
                        + tables.stream().map(Table::name).collect(Collectors.joining(", "))));
  }

  /** Those that are too old. */
  public List<Database> old() {
    return databases.stream().filter(one -> one.isOld(limit)).toList();
  }

  /** How many transactions the oldest may still see before the server refuses writes. */
  public long left() {
    return END - databases.stream().mapToLong(Database::age).max().orElse(0);
  }

  /** What was found out. */
  public Finding finding() {
    Optional<Database> worst = old().stream().findFirst();
    if (worst.isEmpty()) {
      return Finding.ok(
          INCIDENT, node, "no row that is not frozen is older than " + limit + " transactions");
    }
    Database oldest = worst.get();
    return Finding.of(
        oldest.age() > limit * CRITICAL ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "the oldest row of database %s that is not frozen is %d %s old; writes end in %d"
            .formatted(
                oldest.database(),
                oldest.age(),
                oldest.xids() >= oldest.multixacts() ? "transactions" : "multixacts",
                left()));
  }
}
