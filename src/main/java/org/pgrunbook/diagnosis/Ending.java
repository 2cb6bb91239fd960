package org.pgrunbook.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pgrunbook.inventory.ClusterSpec.Protection;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * Ends sessions, each by its name (pid and start), in one statement that looks again whether it
 * may: a predicate such as "older than an hour" would hit walsenders and running backups.
 */
final class Ending {
  /** A pooler that lost more at once would storm the server with new ones. */
  private static final int AT_ONCE = 10;

  /** An idle session of these may hold a running backup: to end it aborts the backup. */
  private static final List<String> TOOLS =
      List.of("pgrunbook/", "pgbackrest", "barman", "wal-g", "pg_basebackup", "pg_dump");

  private final Node node;
  private final Protection protection;

  Ending(Node node, Protection protection) {
    this.node = node;
    this.protection = protection;
  }

  /** How the names of applications begin that are left alone. */
  static List<String> applications(Protection protection) {
    return Stream.concat(TOOLS.stream(), protection.applications().stream()).toList();
  }

  Ended end(List<Client> chosen) {
    Privileges.of(node).requireToEndOthers();
    List<Integer> wentOn = new ArrayList<>(chosen.stream().map(Client::pid).toList());
    List<Integer> ended = new ArrayList<>();
    List<Integer> alive = new ArrayList<>();
    for (int from = 0; from < chosen.size(); from += AT_ONCE) {
      Row row = end10(chosen.subList(from, Math.min(chosen.size(), from + AT_ONCE)));
      ended.addAll(pids(row, "ended"));
      alive.addAll(pids(row, "alive"));
    }
    wentOn.removeAll(ended);
    wentOn.removeAll(alive);
    return new Ended(ended, wentOn, alive);
  }

  private Row end10(List<Client> chosen) {
    return node.getSql()
        .returning(
            Row.of(
                Map.of(
                    "ended", chosen.stream().map(one -> (long) one.pid()).toList(),
                    "alive", List.of())),
            Catalog.END_CLIENTS,
            chosen.stream().map(Client::pid).toList(),
            chosen.stream().map(Client::started).toList(),
            chosen.stream().map(Client::changed).toList(),
            protection.users(),
            applications(protection));
  }

  private static List<Integer> pids(Row row, String column) {
    return row.list(column).stream().map(pid -> ((Long) pid).intValue()).toList();
  }
}
