package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pgrunbook.postgres.Node;

/**
 * The sessions of a server that lets nobody in, as its host shows them.
 *
 * @param node the server
 * @param all the sessions, those that connected first first
 */
public record ServerProcesses(Node node, List<ServerProcess> all) {

  /**
   * Sessions alike.
   *
   * @param count how many
   * @param oldest how long one of them has been connected at most
   * @param user the role
   * @param database the database
   * @param client the address
   * @param state what they do, as the process shows it
   */
  public record Group(
      String user, String database, String client, String state, int count, Duration oldest) {}

  static ServerProcesses of(Node node) {
    return new ServerProcesses(node, ServerProcess.of(node));
  }

  /** By user, database, client and state, the most first. */
  public List<Group> groups() {
    Map<List<String>, List<ServerProcess>> alike =
        all.stream()
            .collect(
                Collectors.groupingBy(
                    one -> List.of(one.user(), one.database(), one.client(), one.state()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return alike.values().stream()
        .map(
            some -> {
              ServerProcess oldest = some.getFirst();
              return new Group(
                  oldest.user(),
                  oldest.database(),
                  oldest.client(),
                  oldest.state(),
                  some.size(),
                  oldest.age());
            })
        .sorted(Comparator.comparingInt(Group::count).reversed())
        .toList();
  }

  /**
   * What can be done about it, the safest first.
   *
   * @param why what the server said; if only what is left is reserved, another role helps
   */
  public List<Rung> ladder(String why) {
    String again = ", then run this again: it needs one connection";
    List<Rung> ladder = new ArrayList<>();
    if (why.contains("reserved")) {
      ladder.add(
          new Rung(
              "use a superuser or, from PostgreSQL 16, a member of pg_use_reserved_connections",
              "nothing",
              "sql: { user: ... } in the inventory"));
    }
    ladder.add(new Rung("stop an application from above" + again, "that application", "-"));
    all.stream()
        .filter(one -> one.state().startsWith("idle"))
        // Idle in a transaction first: it holds more than a connection.
        .max(
            Comparator.comparing((ServerProcess one) -> one.state().contains("transaction"))
                .thenComparing(ServerProcess::age))
        .map(this::end)
        .ifPresent(ladder::add);
    ladder.add(new Rung("restart the server", "every session, until it is up again", "-"));
    return List.copyOf(ladder);
  }

  private Rung end(ServerProcess one) {
    return new Rung(
        "end one session that is " + one.state() + ", then run this again",
        "user " + one.user() + " of database " + one.database() + " gets an error",
        "kill -TERM %d on %s; never -KILL".formatted(one.pid(), node.spec().ssh().host()));
  }
}
