package org.pgrunbook.replication;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Pooler;
import org.pgrunbook.postgres.Pooler.Database;
import org.pgrunbook.ssh.Command;

/**
 * Holds a pooler's clients back while another node becomes the primary. PgBouncer knows no limit
 * for that, so a process on its own host keeps one: it lets them go on even if we are killed (P83).
 *
 * @see <a href="https://www.pgbouncer.org/usage.html#pause-db">PAUSE</a>
 */
final class PoolerPause {
  private static final Duration RESUME = Duration.ofSeconds(10);

  /**
   * The flag says whose turn it is: without it, or with that of a later pause, the process does
   * nothing. It leaves our session and its group, so that whatever ends us does not end it.
   */
  private static final String ARM =
      """
      command -v psql >/dev/null || { echo 'psql: not found' >&2; exit 127; }
      umask 077
      flag=$HOME/.pgrunbook-pause-$1 mine=$$.$(date +%s)
      echo "$mine" >"$flag" || exit
      shift
      setsid sh -c '
          flag=$1 mine=$2 limit=$3 conninfo=$4
          shift 4
          sleep "$limit"
          [ "$(cat "$flag" 2>/dev/null)" = "$mine" ] || exit 0
          for database; do
              tries=10
              until psql --no-psqlrc --command="RESUME $database" "$conninfo" || [ "$tries" = 0 ]; do
                  tries=$((tries - 1))
                  sleep 1
              done
          done
          rm -f "$flag"
      ' sh "$flag" "$mine" "$@" </dev/null >/dev/null 2>&1 &
      """;

  private static final String DISARM = "rm -f \"$HOME/.pgrunbook-pause-$1\"";

  private final Pooler pooler;

  PoolerPause(Pooler pooler) {
    this.pooler = pooler;
  }

  void begin(Node primary, Duration limit, Duration patience) {
    List<Database> led = pooler.databasesOn(primary);
    arm(led, limit);
    for (Database database : led) {
      if (!database.paused()) {
        pause(database, patience);
      }
    }
  }

  /** Two at once would wait for each other, so the connection that asked for it is gone by now. */
  private void pause(Database database, Duration patience) {
    try {
      pooler.tell("PAUSE " + quoted(database), patience);
    } catch (Problem e) {
      if (e.exit() == Exit.FAILED) {
        e.hint("PAUSE waits until every transaction has ended: look for a long one there.");
      }
      throw e;
    }
  }

  private void arm(List<Database> led, Duration limit) {
    String[] arguments =
        Stream.concat(
                Stream.of(flag(), String.valueOf(limit.toSeconds()), pooler.conninfo()),
                led.stream().map(PoolerPause::quoted))
            .toArray(String[]::new);
    pooler.run(Command.changeScript(ARM, arguments));
  }

  /** One that cannot be told lets them go on when the limit is over. */
  void end() {
    try {
      resume();
    } catch (Problem e) {
      if (e.exit() == Exit.INTERRUPTED) {
        throw e;
      }
      pooler
          .run()
          .journal()
          .warn("pooler " + pooler + " holds its clients until the limit is over: " + e.fact());
    }
  }

  /** Those that the limit has let go on meanwhile need nothing. */
  private void resume() {
    boolean dry = pooler.run().means().isDry();
    for (Database database : pooler.databasesOfCluster()) {
      if (database.paused() || dry) {
        pooler.tell("RESUME " + quoted(database), RESUME);
      }
    }
    pooler.getSsh().run(Command.changeScript(DISARM, flag()));
  }

  private String flag() {
    return pooler.fullName().replaceAll("[^\\w.-]", "-");
  }

  static String quoted(Database database) {
    return '"' + database.name().replace("\"", "\"\"") + '"';
  }

  /** A pause that ends before the primary is stopped would be of no use. */
  static void requireLimit(Duration limit, Duration patience) {
    if (limit.compareTo(patience) <= 0) {
      throw Problem.usage(
              "a pause of %s is over before the %s that poolers have to begin it"
                  .formatted(Durations.show(limit), Durations.show(patience)))
          .hint("Let it be longer.");
    }
  }
}
