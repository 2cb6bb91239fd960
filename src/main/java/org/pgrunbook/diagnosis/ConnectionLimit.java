package org.pgrunbook.diagnosis;

import java.util.List;
import org.pgrunbook.postgres.Node;

/**
 * A limit of its own that a role or a database has.
 *
 * @param kind {@code role} or {@code database}
 * @param name its name
 * @param limit how many sessions it may have
 * @param used how many it has
 */
public record ConnectionLimit(String kind, String name, int limit, int used) {

  static List<ConnectionLimit> of(Node node) {
    return node.getSql().rows(Question.CONNECTION_LIMITS.text()).stream()
        .map(
            row ->
                new ConnectionLimit(
                    row.text("kind"),
                    row.text("name"),
                    row.as(Integer.class, "limit"),
                    row.as(Integer.class, "used")))
        .toList();
  }
}
