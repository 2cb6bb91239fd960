package org.pgrunbook.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.replication.Preflight.Check;
import org.pgrunbook.sql.Row;

/**
 * P49: the settings that a standby needs at least as high as its primary has them. One that has
 * less gives up as soon as it replays that.
 *
 * @see <a href="https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN">
 *     Administrator's overview</a>
 */
final class Minimums {
  private static final String QUERY =
      """
      select name, setting::bigint as value from pg_settings
      where name in ('max_connections', 'max_worker_processes', 'max_wal_senders',
                     'max_prepared_transactions', 'max_locks_per_transaction') order by name\
      """;

  private Minimums() {}

  /** Whether a running server could be a standby of another one. */
  static Check check(Node standby, Node primary) {
    List<Row> needed = primary.getSql().rows(QUERY);
    List<Row> has = standby.getSql().rows(QUERY);
    List<String> lower = new ArrayList<>();
    for (int i = 0; i < needed.size(); i++) {
      long least = needed.get(i).number("value");
      long value = has.get(i).number("value");
      if (value < least) {
        lower.add("%s %d is less than %d".formatted(has.get(i).text("name"), value, least));
      }
    }
    return Check.refuses(
        !lower.isEmpty(),
        "%s can be a standby of %s".formatted(standby, primary),
        lower.isEmpty() ? "its settings suffice" : String.join(", ", lower));
  }

  /** What a standby of this primary needs at least, as it is set now. */
  static Map<String, Long> of(Node primary) {
    Map<String, Long> least = new TreeMap<>();
    primary.getSql().rows(QUERY).forEach(row -> least.put(row.text("name"), row.number("value")));
    return least;
  }
}
