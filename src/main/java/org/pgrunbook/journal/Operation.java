package org.pgrunbook.journal;

/**
 * One SQL statement, one command or one object request.
 *
 * @param wire what carries it
 * @param node where it goes: {@code orders/pg1}, or the repository's name
 * @param text the statement, command or request as it is shown and journalled
 * @param change whether it changes anything; a probe does not
 */
public record Operation(Wire wire, String node, String text, boolean change) {

  /** What carries an operation. */
  public enum Wire {
    SQL,
    SSH,
    STORE,
    PGBOUNCER,
    /** A file of the machine that pgrunbook runs on. */
    FILE,
    /** A program on that machine. */
    LOCAL
  }

  public static Operation probe(Wire wire, String node, String text) {
    return new Operation(wire, node, text, false);
  }

  public static Operation change(Wire wire, String node, String text) {
    return new Operation(wire, node, text, true);
  }
}
