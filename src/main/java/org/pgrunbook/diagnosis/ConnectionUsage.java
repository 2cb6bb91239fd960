package org.pgrunbook.diagnosis;

import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * How many connections of a server are taken.
 *
 * @param used sessions of clients, ours included
 * @param available how many ordinary users may have: max_connections without what is reserved
 * @param reserved superuser_reserved_connections and, from 16, reserved_connections
 * @param percent how much of what is available is taken; above 100 when reserved ones are, too
 */
public record ConnectionUsage(int used, int available, int reserved, int percent) {

  static ConnectionUsage of(Node node) {
    Row row = node.getSql().row(Question.CONNECTION_USAGE.text());
    int used = row.as(Integer.class, "used");
    int reserved = row.as(Integer.class, "reserved");
    int available = row.as(Integer.class, "max_connections") - reserved;
    return new ConnectionUsage(used, available, reserved, used * 100 / available);
  }

  /** {@code 93 of 97 (95 %)}. */
  @Override
  public String toString() {
    return "%d of %d (%d %%)".formatted(used, available, percent);
  }
}
