package org.pgrunbook.replication;

import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.TimelineHistory;

/** The timeline history that a running server has in its pg_wal. */
final class History {
  private History() {}

  /** Timelines that came from none have no file. */
  static TimelineHistory of(Node node, int timeline) {
    TimelineHistory none = TimelineHistory.first(timeline);
    String text =
        node.getSql()
            .value(
                String.class,
                "select pg_read_file(?, 0, 1048576, true)",
                "pg_wal/" + none.fileName());
    return text == null ? none : TimelineHistory.parse(timeline, text);
  }
}
