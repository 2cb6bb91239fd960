package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.backup.BackupVerbs;
import org.pgrunbook.backup.Manifest;
import org.pgrunbook.backup.RecoveryTarget;
import org.pgrunbook.backup.Repository;
import org.pgrunbook.backup.RestorePlan;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Live;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.WalSegment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code pgrunbook backups}: which backups there are, and how far each cluster can be restored. It
 * only reads, and leaves no journal.
 */
@Command(
    name = "backups",
    description = "List the backups, and how far they can be restored.",
    mixinStandardHelpOptions = true)
final class BackupsCommand implements Runnable {
  @ParentCommand private Main main;

  @Parameters(
      arity = "0..1",
      paramLabel = "CLUSTER",
      description = "All clusters with a repository unless given.")
  private String target;

  @Option(names = "--json", description = "Print JSON lines.")
  private boolean json;

  @Override
  public void run() {
    Inventory inventory = main.inventory();
    List<Row> backups = new ArrayList<>();
    List<Reach> reaches = new ArrayList<>();
    for (ClusterSpec spec : clusters(inventory)) {
      try (Cluster cluster = new Cluster(inventory, spec.name(), reading())) {
        Repository repository = BackupVerbs.getRepository(cluster);
        repository.probe();
        repository.backups().stream().map(backup -> row(repository, backup)).forEach(backups::add);
        reaches.add(Reach.of(cluster, repository));
      }
    }
    main.terminal.rows(backups, Row.class, json);
    if (!json) {
      main.terminal.out().println();
    }
    main.terminal.rows(reaches, Reach.class, json);
  }

  /** A backup in the list. */
  record Row(
      String cluster,
      String backup,
      String type,
      String node,
      Instant ended,
      String age,
      DataSize restored,
      DataSize stored,
      String wal) {}

  /** The last WAL that a restore from the newest backup comes to. */
  record Reach(String cluster, String backup, Integer timeline, String last, String remark) {
    static Reach of(Cluster cluster, Repository repository) {
      try {
        RestorePlan plan =
            BackupVerbs.planRestore(repository, RecoveryTarget.LATEST, null, null, List.of());
        String last = plan.wal().isEmpty() ? null : plan.wal().getLast().name();
        return new Reach(
            cluster.fullName(), plan.backup().id(), plan.timeline(), last, "restorable");
      } catch (Problem e) {
        if (e.exit() == Exit.REFUSED) {
          return new Reach(cluster.fullName(), null, null, null, e.fact());
        }
        throw e;
      }
    }
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

  private static Row row(Repository repository, Manifest backup) {
    List<WalSegment> missing =
        repository
            .wal()
            .missing(
                WalSegment.range(
                    backup.startLsn(), backup.stopLsn(), backup.timeline(), backup.segmentSize()));
    return new Row(
        backup.cluster(),
        backup.id(),
        backup.type(),
        backup.host(),
        backup.stopTime(),
        Durations.show(Duration.between(backup.stopTime(), Time.system().now())),
        backup.restored(),
        backup.stored(),
        missing.isEmpty() ? "complete" : missing.getFirst() + " is missing");
  }

  /** A run of nothing but reading. */
  private static Run reading() {
    Time time = Time.system();
    Secrets secrets = new Secrets();
    Journal journal = new Journal(time, secrets, List.of());
    return new Run("backups", journal, new Live(journal, time), time, secrets);
  }
}
