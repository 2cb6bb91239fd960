package org.pgrunbook.replication;

import java.util.List;
import java.util.Locale;
import org.pgrunbook.postgres.Node;

/**
 * The physical slots by which a server keeps WAL for its standbys.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS">
 *     Replication slots</a>
 */
final class Slots {
  private Slots() {}

  /** The slot that a standby asks for; empty if it uses none. */
  static String of(Node standby) {
    return standby.getSql().value(String.class, "select current_setting('primary_slot_name')");
  }

  /** The name of a slot for a node that has none yet: its own, in what letters a slot may have. */
  static String named(Node node) {
    return node.getName().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
  }

  /** Those of these slots that are not there. */
  static List<String> lacking(Node server, List<String> names) {
    List<String> there =
        server.getSql().rows("select slot_name::text as name from pg_replication_slots").stream()
            .map(row -> row.text("name"))
            .toList();
    return names.stream().filter(name -> !there.contains(name)).toList();
  }

  /** P81: a slot is there, and keeps WAL, before its standby asks for it. */
  static void keep(Node server, String name) {
    dropIfLost(server, name);
    server
        .getSql()
        .execute(
            """
            select pg_create_physical_replication_slot(?::text::name, true)
            where not exists (select from pg_replication_slots where slot_name = ?::text)\
            """,
            name,
            name);
  }

  /** A slot whose WAL was removed serves nobody ever again, and is in the way of a new one. */
  private static void dropIfLost(Node server, String name) {
    boolean lost =
        server
            .getSql()
            .value(
                Boolean.class,
                """
                select exists (select from pg_replication_slots
                               where slot_name = ?::text and wal_status = 'lost' and not active)\
                """,
                name);
    if (lost) {
      drop(server, List.of(name));
    }
  }

  /** What no other node need keep: the slots in use on the primary, and the one it had itself. */
  static List<String> needless(Node primary) {
    return primary
        .getSql()
        .rows(
            """
            select slot_name::text as name from pg_replication_slots where active
            union select current_setting('primary_slot_name')\
            """)
        .stream()
        .map(row -> row.text("name"))
        .toList();
  }

  /**
   * P81: one that nobody uses any more would keep WAL for ever.
   *
   * @return how many were dropped
   */
  static int drop(Node server, List<String> names) {
    return server
        .getSql()
        .execute(
            """
            select pg_drop_replication_slot(slot_name) from pg_replication_slots
            where slot_name = any(?::text[]) and not active\
            """,
            names);
  }
}
