package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.backup.BackupVerbs;
import org.pgrunbook.backup.Recoverability;
import org.pgrunbook.backup.Repository;
import org.pgrunbook.backup.RepositoryVerbs;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.Live;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Cluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code pgrunbook backups}: which backups there are, and how far each cluster can be restored. It
 * only reads, and leaves no journal. Ends with 1 if WAL is missing or a backup is not complete.
 */
@Command(
    name = "backups",
    description = "List the backups, and how far they can be restored.",
    mixinStandardHelpOptions = true)
final class BackupsCommand implements Callable<Integer> {
  /** Of the lines of {@code --json}. */
  private static final int VERSION = 1;

  @ParentCommand private Main main;

  @Parameters(
      arity = "0..1",
      paramLabel = "CLUSTER",
      description = "All clusters with a repository unless given.")
  private String target;

  @Option(
      names = "--json",
      description =
          "Print JSON lines of the kinds backup (with its last rehearsal), unfinished, window, gap"
              + " and reach: bytes and seconds as numbers, instants in ISO 8601.")
  private boolean json;

  private final Instant now = Time.system().now();
  private final BackupTables tables = new BackupTables(now);

  @Override
  public Integer call() {
    Inventory inventory = main.inventory();
    Exit exit = Exit.DONE;
    for (ClusterSpec spec : clusters(inventory)) {
      try (Cluster cluster = new Cluster(inventory, spec.name(), reading(main.secrets))) {
        Repository repository = BackupVerbs.getRepository(cluster);
        repository.probe();
        Optional<Recoverability> found = found(repository, spec.name());
        found.ifPresent(it -> show(spec.name(), it));
        if (found.isPresent() && !found.get().isWhole()) {
          exit = Exit.FAILED;
        }
      }
    }
    if (!json) {
      tables.print(main.terminal);
    }
    if (exit == Exit.FAILED) {
      main.explain(
          Problem.failed("WAL is missing, or a backup is not complete")
              .hint("Look for missing WAL in pg_wal and in the spool of each node, and ship it.")
              .hint("Take a new backup: from its end on everything can be restored again."));
    }
    return exit.code();
  }

  private Optional<Recoverability> found(Repository repository, String cluster) {
    try {
      return Optional.of(RepositoryVerbs.getRecoverability(repository));
    } catch (Problem e) {
      if (e.exit() != Exit.REFUSED) {
        throw e;
      }
      reach(cluster, Optional.empty(), e.fact());
      return Optional.empty();
    }
  }

  private void show(String cluster, Recoverability found) {
    found.backups().forEach(it -> line("backup", cluster, it));
    found.unfinished().forEach(it -> line("unfinished", cluster, it));
    found.windows().forEach(it -> line("window", cluster, it));
    found.gaps().forEach(it -> line("gap", cluster, it));
    tables.add(cluster, found);
    String remark =
        found.backups().isEmpty()
            ? "there is no backup of \"" + cluster + "\""
            : found.windows().isEmpty() ? "no backup can be restored" : "restorable";
    reach(cluster, found.newest(), remark);
  }

  /**
   * The newest moment that can be restored; on an idle server it is long ago and nothing is lost.
   */
  private void reach(String cluster, Optional<Recoverability.Window> newest, String remark) {
    Optional<Instant> to = newest.map(Recoverability.Window::to);
    Optional<Duration> age = to.map(it -> Duration.between(it, now));
    Reach reach =
        new Reach(
            cluster,
            newest.map(Recoverability.Window::timeline),
            to,
            age,
            newest.map(Recoverability.Window::lastWal),
            remark);
    line("reach", cluster, reach);
    tables.add(reach);
  }

  private void line(String kind, String cluster, Record fields) {
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("v", VERSION);
      line.put("kind", kind);
      line.put("cluster", cluster);
      line.putAll(Json.fields(fields));
      main.terminal.out().println(Json.line(line));
    }
  }

  /** The newest moment that can be restored. */
  record Reach(
      String cluster,
      Optional<Integer> timeline,
      Optional<Instant> to,
      Optional<Duration> age,
      Optional<String> lastWal,
      String remark) {}

  private List<ClusterSpec> clusters(Inventory inventory) {
    if (target != null) {
      return List.of(inventory.target(target).cluster());
    }
    List<ClusterSpec> withRepository =
        inventory.clusters().values().stream()
            .filter(cluster -> cluster.repository().isPresent())
            .toList();
    if (withRepository.isEmpty()) {
      throw Problem.usage("no cluster of the inventory has a repository")
          .hint("Name one with the cluster's key repository.");
    }
    return withRepository;
  }

  /** A run of nothing but reading. */
  private static Run reading(Secrets secrets) {
    Time time = Time.system();
    Journal journal = new Journal(time, secrets, List.of());
    return new Run("backups", journal, new Live(journal, time), time, secrets);
  }
}
