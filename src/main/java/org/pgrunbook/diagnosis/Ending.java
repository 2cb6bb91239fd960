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

  /** Ends them, ten at a time. */
  Ended end(List<Backend> chosen) {
    List<Integer> wentOn = new ArrayList<>(pids(chosen));
    List<Integer> ended = new ArrayList<>();
    List<Integer> alive = new ArrayList<>();
    for (int from = 0; from < chosen.size(); from += AT_ONCE) {
      Row row =
          act(
              Question.END_SESSIONS,
              chosen.subList(from, Math.min(chosen.size(), from + AT_ONCE)),
              List.of());
      ended.addAll(pids(row, "done"));
      alive.addAll(pids(row, "alive"));
    }
    wentOn.removeAll(ended);
    wentOn.removeAll(alive);
    return new Ended(ended, wentOn, alive);
  }

  /** Ends one if it still is in the way of one of those that wait. */
  Ended endBlocker(Backend blocker, List<Backend> waiting) {
    Row row = act(Question.END_SESSIONS, List.of(blocker), waiting);
    boolean wentOn = row.list("done").isEmpty() && row.list("alive").isEmpty();
    return new Ended(
        pids(row, "done"), wentOn ? List.of(blocker.pid()) : List.of(), pids(row, "alive"));
  }

  /** Cancels the statements that they carry out; with waiting ones, only what is in their way. */
  Cancelled cancel(List<Backend> chosen, List<Backend> waiting) {
    boolean begun = node.run().means().wasBegun();
    Row row = act(Question.CANCEL_STATEMENTS, chosen, waiting);
    List<Integer> wentOn = new ArrayList<>(pids(chosen));
    wentOn.removeAll(pids(row, "done"));
    // What carries out nothing any more was cancelled by the run that this one goes on with.
    return begun
        ? new Cancelled(pids(chosen), List.of())
        : new Cancelled(pids(row, "done"), wentOn);
  }

  private Row act(Question statement, List<Backend> chosen, List<Backend> waiting) {
    return Server.of(node)
        .act(
            statement,
            Row.of(
                Map.of(
                    "done", chosen.stream().map(one -> (long) one.pid()).toList(),
                    "alive", List.of())),
            pids(chosen),
            chosen.stream().map(Backend::started).toList(),
            chosen.stream().map(Backend::changed).toList(),
            pids(waiting),
            protection.users(),
            applications(protection));
  }

  private static List<Integer> pids(List<Backend> sessions) {
    return sessions.stream().map(Backend::pid).toList();
  }

  private static List<Integer> pids(Row row, String column) {
    return row.list(column).stream().map(pid -> ((Long) pid).intValue()).toList();
  }
}
