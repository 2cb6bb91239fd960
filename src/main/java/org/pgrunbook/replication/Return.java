package org.pgrunbook.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Postmaster;
import org.pgrunbook.ssh.Command;

/**
 * Makes a standby of a node whose server is down: what it alone has is kept, its configuration
 * stays its own, and it starts only when everything says standby.
 *
 * @see <a href="https://www.postgresql.org/docs/current/app-pgrewind.html">pg_rewind</a>
 */
final class Return {
  /** Finished segments that the archiver has not got to, by their names. */
  private static final String READY =
      """
      cd "$1/pg_wal/archive_status" 2>/dev/null || exit 0
      for file in *.ready; do [ ! -e "$file" ] || printf '%s\\n' "${file%.ready}"; done
      """;

  /** Each is whole before it has its name, and never overwritten (P30). */
  private static final String SPOOL =
      """
      data=$1 spool=$2
      shift 2
      for name; do
          [ ! -e "$spool/$name" ] || continue
          cp -- "$data/pg_wal/$name" "$spool/.$name" && sync "$spool/.$name" || exit
          mv -- "$spool/.$name" "$spool/$name" || exit
      done
      """;

  /**
   * A server that crashed is recovered by pg_rewind in single-user mode, which refuses to be a
   * standby; the signal is back before anything else can happen.
   */
  private static final String REWIND =
      """
      IFS= read -r PGPASSWORD
      [ -z "$PGPASSWORD" ] || export PGPASSWORD
      rm -f -- "$2/standby.signal"
      LC_ALL=C "$1" --target-pgdata="$2" --source-server="$3" ${4:+"--config-file=$4"} 2>&1
      status=$?
      touch -- "$2/standby.signal"
      exit $status
      """;

  private final Node node;
  private final StandbyConfiguration configuration;
  private final String data;

  Return(Node node) {
    this.node = node;
    this.configuration = new StandbyConfiguration(node);
    this.data = node.getPostmaster().getData().replaceFirst("/+$", "");
  }

  void stop(Duration limit) {
    if (node.getPostmaster().isRunning()) {
      node.getPostmaster().stop(Postmaster.Stop.FAST, limit);
    }
  }

  /**
   * P75: what only this host has of the common history goes into the spool, as the archiver would
   * have put it there. What lies beyond the fork would be a second history in the archive.
   *
   * @return the names of the segments
   */
  List<String> spoolUnarchived(Divergence found, String spool) {
    String prefix = "%08X".formatted(found.timeline());
    long size = node.getPostmaster().controlFile().initial().walSegmentSize().bytes();
    long limit = found.isDiverged() ? found.fork().value() : found.end().value();
    List<String> names =
        node.getSsh().run(Command.probeScript(READY, data)).lines().stream()
            .filter(name -> name.matches(prefix + "[0-9A-F]{16}"))
            .filter(name -> endOf(name, size) <= limit)
            .toList();
    if (!names.isEmpty()) {
      List<String> arguments = new ArrayList<>(List.of(data, spool));
      arguments.addAll(names);
      node.getSsh().run(Command.changeScript(SPOOL, arguments.toArray(String[]::new)));
    }
    return names;
  }

  private static long endOf(String segment, long size) {
    long file = Long.parseLong(segment.substring(8, 16), 16);
    return (file << 32) + (Long.parseLong(segment.substring(16), 16) + 1) * size;
  }

  /** P76: should it fail, the directory is good for nothing any more. */
  void rewind(Node primary, Duration limit) {
    NodeSpec source = primary.spec();
    Conninfo conninfo =
        Conninfo.parse("sslmode=" + source.sql().sslmode())
            .with("user", source.sql().user())
            .with("dbname", source.sql().database())
            .to(source.sql().host(), source.sql().port());
    String password =
        source.sql().password().map(secret -> secret.resolve(node.run().secrets())).orElse("");
    Command rewind =
        Command.changeScript(
            REWIND,
            node.getPostmaster().program("pg_rewind"),
            data,
            conninfo.toString(),
            configuration.file());
    try {
      Doubt.settledBy(
          this::halfRewound,
          () -> node.getSsh().run(rewind.secretStdin(password + "\n").timeout(limit)));
    } catch (Problem e) {
      throw e.hint("Clone it: -p way=clone moves what is there aside.")
          .state("the data directory of " + node + " is half rewound, and must not be started");
    }
  }

  /** Neither is it known what a rewind that was cut short has left, nor may it be begun anew. */
  private Doubt.Settlement halfRewound() {
    throw Problem.unknownState("nobody knows how far the rewind of " + node + " came");
  }

  boolean hasData() {
    Command look = Command.probeScript("[ ! -e \"$1\" ] || ls -A -- \"$1\" | head -n 1", data);
    return !node.getSsh().run(look).text().isEmpty();
  }

  /** The slot by which it follows: WAL is kept for it from now on. */
  static String slot(Node node, Node primary) {
    String name = Slots.named(node);
    Slots.keep(primary, name);
    return name;
  }

  /** Only now may its host start it again, as what it says it is. */
  void start(Node primary, Duration limit) {
    new Fence(node).release();
    if (node.run().means().isDry() || !node.getPostmaster().isRunning()) {
      startWithEnough(limit);
    }
    try {
      new Following(node, primary, limit).awaitStream();
    } catch (Problem e) {
      if (!configuration.raise(e)) {
        throw e;
      }
      stop(limit);
      start(primary, limit);
    }
  }

  private void startWithEnough(Duration limit) {
    try {
      node.getPostmaster().start(limit);
    } catch (Problem e) {
      if (!configuration.raise(e)) {
        throw e;
      }
      startWithEnough(limit);
    }
  }
}
