package org.pgrunbook.diagnosis;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;

/**
 * Tables with more dead rows than autovacuum should ever leave: queries read them, and the files
 * grow.
 *
 * @param node the server
 * @param limit from how many dead rows of a table on it matters
 * @param autovacuum whether it can work at all
 * @param behind the tables that it is behind with, of all databases, the one with the most dead
 *     rows first
 * @see <a href="https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM">The
 *     autovacuum daemon</a>
 */
public record DeadRows(Node node, long limit, Autovacuum autovacuum, List<Table> behind) {
  static final String INCIDENT = "autovacuum-behind";

  /** Autovacuum comes once a minute, and takes its time: so much more than due is no reason yet. */
  private static final int LATE = 2;

  /** From so many times what is due on it is an emergency. */
  private static final int CRITICAL = 20;

  /** By hand it is gentler than it could be: somebody works on the tables. */
  private static final String GENTLY = "set vacuum_cost_delay = '1ms'";

  private static final String LIMIT = "12h";

  /**
   * The daemon.
   *
   * @param on whether it runs
   * @param counts whether the server counts dead rows: {@code track_counts}
   * @param workers how many it may have
   * @param busy how many it has
   * @param delay {@code autovacuum_vacuum_cost_delay}: -1 is that of VACUUM by hand
   * @param cost {@code autovacuum_vacuum_cost_limit}: -1 is that of VACUUM by hand
   */
  public record Autovacuum(
      boolean on, boolean counts, int workers, int busy, String delay, String cost) {}

  /**
   * A table.
   *
   * @param name with its schema, quoted as SQL wants it
   * @param dead its dead rows
   * @param live its living ones
   * @param due from how many dead ones on autovacuum should come
   * @param enabled whether it may come to this table
   * @param vacuumed when it was vacuumed last, since its statistics were reset
   * @param analyzed when it was analyzed last
   * @param size of its files: a vacuum makes room in them, and rarely makes them smaller
   * @param database where it is
   */
  public record Table(
      String database,
      String name,
      long dead,
      long live,
      long due,
      boolean enabled,
      Instant vacuumed,
      Instant analyzed,
      DataSize size) {
    /** How many percent of its rows are dead. */
    public long percent() {
      return 100 * dead / Math.max(1, dead + live);
    }
  }

  /**
   * A vacuum in progress.
   *
   * @param pid its process
   * @param database where it works
   * @param forced whether it is one against wraparound, which nobody's lock keeps out
   * @param phase what it does now
   * @param what its statement
   * @param percent of its pages that were looked at
   */
  public record Vacuum(
      int pid, String database, boolean forced, String phase, String what, int percent) {}

  static DeadRows of(Server server, long limit) {
    server.requirePrimary();
    var row = server.row(Question.AUTOVACUUM);
    return new DeadRows(
        server.node(),
        limit,
        new Autovacuum(
            row.bool("on"),
            row.bool("counts"),
            row.as(Integer.class, "workers"),
            row.as(Integer.class, "busy"),
            row.text("delay"),
            row.text("cost")),
        server.inEveryDatabase(Question.DEAD_ROWS).stream()
            .map(
                one ->
                    new Table(
                        one.text("database"),
                        one.text("name"),
                        one.number("dead"),
                        one.number("live"),
                        one.number("due"),
                        one.bool("enabled"),
                        one.instant("vacuumed"),
                        one.instant("analyzed"),
                        one.bytes("size")))
            .filter(table -> table.dead() > limit && table.dead() > LATE * table.due())
            .sorted(Comparator.comparingLong(Table::dead).reversed())
            .toList());
  }

  static List<Vacuum> vacuums(Server server) {
    return server.rows(Question.VACUUMS).stream()
        .map(
            row ->
                new Vacuum(
                    row.as(Integer.class, "pid"),
                    row.text("database"),
                    row.bool("forced"),
                    row.text("phase"),
                    row.text("what"),
                    row.as(Integer.class, "percent")))
        .toList();
  }

  /** Vacuums a table and refreshes its statistics; leaves it alone if somebody locks it. */
  static void vacuum(Server server, Table table) {
    server.requireMaintenance();
    Doubt.repeatable(
        () -> {
          try (var session = server.node().getSql().database(table.database()).session()) {
            session.execute("set statement_timeout = '" + LIMIT + "'");
            session.execute(GENTLY);
            session.execute("vacuum (analyze, skip_locked) " + table.name());
          }
        });
  }

  /** Lets autovacuum come to a table again. */
  static void enable(Server server, Table table) {
    Doubt.repeatable(
        () -> {
          try (var session = server.node().getSql().database(table.database()).session()) {
            session.execute("set lock_timeout = '2s'");
            session.execute("alter table " + table.name() + " reset (autovacuum_enabled)");
          }
        });
  }

  /** The one of that name; null if autovacuum keeps up with it, or there is none. */
  public Table named(String name) {
    return behind.stream().filter(one -> one.name().equals(name)).findFirst().orElse(null);
  }

  /** What was found out. */
  public Finding finding() {
    if (!autovacuum.counts()) {
      return new Finding(
          Verdict.UNKNOWN,
          INCIDENT,
          node,
          "nobody can tell: the server does not count dead rows, and autovacuum cannot work",
          "ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf();");
    }
    if (behind.isEmpty()) {
      return autovacuum.on()
          ? Finding.ok(INCIDENT, node, "autovacuum keeps up with every table")
          : Finding.of(Verdict.WARN, INCIDENT, node, "autovacuum is off");
    }
    Table worst = behind.getFirst();
    return Finding.of(
        worst.dead() > CRITICAL * worst.due() ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%s of database %s has %d dead rows, %d %% of all%s"
            .formatted(
                worst.name(), worst.database(), worst.dead(), worst.percent(), because(worst)));
  }

  private String because(Table worst) {
    if (!autovacuum.on()) {
      return "; autovacuum is off";
    }
    if (!worst.enabled()) {
      return "; autovacuum is off for it";
    }
    return autovacuum.busy() >= autovacuum.workers() ? "; all workers are busy" : "";
  }
}
