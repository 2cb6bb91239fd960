package org.pgrunbook.diagnosis;

import java.util.Comparator;
import java.util.List;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * Sequences that run out of numbers, or whose column does: then every insert fails.
 *
 * @param node the server
 * @param limit from how many percent on
 * @param all those in use, of all databases, the fullest first
 */
public record Sequences(Node node, int limit, List<Sequence> all) {
  static final String INCIDENT = "sequence-exhaustion";

  /** From so many percent on it is an emergency. */
  private static final int CRITICAL = 95;

  /**
   * One of them.
   *
   * @param database where it is
   * @param sequence its name with its schema, quoted as SQL wants it
   * @param type its own type
   * @param table the table that it belongs to; null if none
   * @param column and its column
   * @param columnType the column's type: an integer ends sooner than a bigint sequence
   * @param last the number given last
   * @param maximum the last one that it has
   * @param percent how much of its own numbers is used
   * @param columnPercent how much of the column's is
   */
  public record Sequence(
      String database,
      String sequence,
      String type,
      String table,
      String column,
      String columnType,
      long last,
      long maximum,
      int percent,
      int columnPercent) {

    /** How much of what ends first is used. */
    public int used() {
      return Math.max(percent, columnPercent);
    }

    /** Whether more numbers would fit into the column, so that only the sequence is too small. */
    public boolean isOnlySequence() {
      return "bigint".equals(columnType) && !type.equals("bigint");
    }
  }

  static Sequences of(Server server, int limit) {
    server.requirePrimary();
    return new Sequences(
        server.node(),
        limit,
        server.inEveryDatabase(Question.SEQUENCES).stream()
            .map(Sequences::sequence)
            .sorted(Comparator.comparingInt(Sequence::used).reversed())
            .toList());
  }

  private static Sequence sequence(Row row) {
    return new Sequence(
        row.text("database"),
        row.text("sequence"),
        row.text("type"),
        row.text("table"),
        row.text("column"),
        row.text("column_type"),
        row.number("last"),
        row.number("maximum"),
        row.as(Integer.class, "percent"),
        row.as(Integer.class, "column_percent"));
  }

  /** Those of which more than the limit is used. */
  public List<Sequence> full() {
    return all.stream().filter(one -> one.used() >= limit).toList();
  }

  /** The one of that name; null if there is none. */
  public Sequence named(String name) {
    return all.stream().filter(one -> one.sequence().equals(name)).findFirst().orElse(null);
  }

  /** Gives it the numbers of a bigint: a change of the catalog, at once. */
  static void widen(Node node, Sequence sequence) {
    Server.of(node).requirePrimary();
    if (!sequence.isOnlySequence()) {
      throw Problem.refused("more numbers of " + sequence.sequence() + " would not fit its column");
    }
    try (var session = node.getSql().database(sequence.database()).session()) {
      session.execute("set lock_timeout = '2s'");
      session.execute("alter sequence " + sequence.sequence() + " as bigint");
    }
  }

  /** What was found out. */
  public Finding finding() {
    if (full().isEmpty()) {
      return Finding.ok(INCIDENT, node, "no sequence has used " + limit + " % of its numbers");
    }
    Sequence worst = full().getFirst();
    return Finding.of(
        worst.used() >= CRITICAL ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%d %% of the numbers of %s are used%s, in database %s"
            .formatted(
                worst.used(),
                worst.columnPercent() >= worst.percent()
                    ? worst.table() + "." + worst.column() + " (" + worst.columnType() + ")"
                    : "sequence " + worst.sequence() + " (" + worst.type() + ")",
                full().size() == 1 ? "" : ", and of " + (full().size() - 1) + " others too many",
                worst.database()));
  }
}
