package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
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
          "Print JSON lines of the kinds backup, window, gap and reach: bytes and seconds as"
              + " numbers, instants in ISO 8601.")
  private boolean json;

  private final Instant now = Time.system().now();
  private final List<Row> backups = new ArrayList<>();
  private final List<Stretch> windows = new ArrayList<>();
  private final List<Missing> gaps = new ArrayList<>();
  private final List<Reach> reaches = new ArrayList<>();

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
      tables();
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
    for (Recoverability.Listed backup : found.backups()) {
      line("backup", cluster, backup);
      backups.add(row(cluster, backup));
    }
    for (Recoverability.Window window : found.windows()) {
      line("window", cluster, window);
      windows.add(
          new Stretch(
              cluster,
              window.timeline(),
              window.from(),
              window.to(),
              Durations.show(Duration.between(window.from(), window.to())),
              window.lastWal()));
    }
    for (Recoverability.Gap gap : found.gaps()) {
      line("gap", cluster, gap);
      gaps.add(new Missing(cluster, gap.timeline(), gap.first(), gap.last(), gap.files()));
    }
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
    reaches.add(reach);
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

  private void tables() {
    main.terminal.rows(backups, Row.class, false);
    if (!windows.isEmpty()) {
      main.terminal.out().println("\nevery moment can be restored");
      main.terminal.rows(windows, Stretch.class, false);
    }
    if (!gaps.isEmpty()) {
      main.terminal.out().println("\nWAL that is missing");
      main.terminal.rows(gaps, Missing.class, false);
    }
    main.terminal.out().println("\nthe newest moment");
    reaches.forEach(
        it ->
            main.terminal
                .out()
                .println(
                    it.to()
                        .map(
                            to ->
                                "%s  %s, %s ago, on timeline %d"
                                    .formatted(
                                        it.cluster(),
                                        to,
                                        Durations.show(it.age().orElseThrow()),
                                        it.timeline().orElseThrow()))
                        .orElse(it.cluster() + "  " + it.remark())));
    main.terminal.out().flush();
  }

  /** A backup in the list. */
  record Row(
      String cluster,
      String backup,
      String type,
      String node,
      Optional<Instant> ended,
      String age,
      DataSize restored,
      DataSize stored,
      String state,
      Optional<String> held) {}

  /** A stretch of time of which every moment can be restored. */
  record Stretch(
      String cluster, int timeline, Instant from, Instant to, String length, String lastWal) {}

  /** Files of the WAL in a row that are missing. */
  record Missing(String cluster, int timeline, String first, String last, int files) {}

  /** The newest moment that can be restored. */
  record Reach(
      String cluster,
      Optional<Integer> timeline,
      Optional<Instant> to,
      Optional<Duration> age,
      Optional<String> lastWal,
      String remark) {}

  private Row row(String cluster, Recoverability.Listed backup) {
    return new Row(
        cluster,
        backup.backup(),
        backup.type(),
        backup.node(),
        backup.ended(),
        backup.ended().map(ended -> Durations.show(Duration.between(ended, now))).orElse("-"),
        new DataSize(backup.restoredBytes()),
        new DataSize(backup.storedBytes()),
        backup.state(),
        backup.held());
  }

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
