package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.TimelineHistory;

/**
 * The nodes of a cluster that take writes: one, if all is well. Of two, each has commits that the
 * other has not, and no program can know which of them are wanted.
 *
 * @param cluster its name
 * @param writers those that take writes
 * @see <a href="https://www.postgresql.org/docs/current/warm-standby-failover.html">Failover</a>
 */
public record SplitBrain(String cluster, List<Writer> writers) {
  static final String INCIDENT = "split-brain";
  private static final int NODES_AT_ONCE = 20;
  private static final Duration WATCHED = Duration.ofSeconds(1);

  /**
   * A node that takes writes.
   *
   * @param node which
   * @param timeline the timeline that it writes
   * @param lsn how far it has written
   * @param parted where it and the first of the others parted; null if their histories do not tell
   * @param since how much WAL it has written since; null if nobody can tell
   * @param inOneSecond how much it wrote in the second in which it was watched
   * @param clients how many sessions of clients it has
   * @param applications whose they are, the most first
   * @param standbys who gets WAL from it, by their application_name
   */
  public record Writer(
      Node node,
      int timeline,
      Lsn lsn,
      Lsn parted,
      DataSize since,
      DataSize inOneSecond,
      int clients,
      List<String> applications,
      List<String> standbys) {}

  static SplitBrain of(Cluster cluster) {
    List<Standing> before = writable(cluster);
    before.getFirst().node().run().time().sleep(WATCHED);
    List<Standing> after = writable(cluster);
    return new SplitBrain(
        cluster.spec().name(),
        after.stream().map(one -> writer(cluster, one, before, after)).toList());
  }

  private static List<Standing> writable(Cluster cluster) {
    List<Standing> all = Parallel.all(cluster.getNodes(), NODES_AT_ONCE, Standing::of);
    List<Standing> writable =
        all.stream().filter(one -> one.kind() == Standing.Kind.PRIMARY).toList();
    if (writable.isEmpty()) {
      throw Problem.refused("no node of \"" + cluster.spec().name() + "\" takes writes")
          .hint("Look further: pgrunbook run incident/failover " + cluster.spec().name() + ".");
    }
    return writable;
  }

  private static Writer writer(
      Cluster cluster, Standing one, List<Standing> before, List<Standing> all) {
    Node node = one.node();
    // Runs of pgrunbook, on whatever machine, are nobody's writes.
    Clients clients =
        new Clients(
            Clients.of(node, cluster.spec().protection()).all().stream()
                .filter(session -> !session.application().startsWith("pgrunbook/"))
                .toList());
    Lsn parted =
        all.stream()
            .filter(other -> !other.node().equals(node))
            .findFirst()
            .flatMap(other -> parted(one, other))
            .orElse(null);
    return new Writer(
        node,
        one.timeline(),
        one.lsn(),
        parted,
        parted == null ? null : one.lsn().minus(parted),
        before.stream()
            .filter(was -> was.node().equals(node))
            .findFirst()
            .map(was -> one.lsn().minus(was.lsn()))
            .orElse(new DataSize(0)),
        clients.all().size(),
        clients.groups().stream()
            .map(group -> group.application().isEmpty() ? group.user() : group.application())
            .distinct()
            .limit(5)
            .toList(),
        WalSender.of(node).stream().map(WalSender::application).toList());
  }

  /** Where two histories part; two of the same number may have been promoted without each other. */
  private static Optional<Lsn> parted(Standing one, Standing other) {
    return history(one).partsFrom(history(other));
  }

  private static TimelineHistory history(Standing one) {
    return TimelineHistory.of(one.node(), one.timeline());
  }

  /** Whether exactly one node takes writes. */
  public boolean isWell() {
    return writers.size() == 1;
  }

  /** The writer on that node; null if that takes no writes. */
  public Writer on(Node node) {
    return writers.stream().filter(one -> one.node().equals(node)).findFirst().orElse(null);
  }

  /** What was found out. */
  public Finding finding() {
    Node first = writers.getFirst().node();
    if (isWell()) {
      return Finding.ok(INCIDENT, first, "it is the only one to take writes");
    }
    return new Finding(
        Verdict.CRIT,
        INCIDENT,
        first,
        "%d nodes take writes: %s"
            .formatted(
                writers.size(),
                writers.stream()
                    .map(
                        one ->
                            "%s on timeline %d%s, with %s"
                                .formatted(
                                    one.node(),
                                    one.timeline(),
                                    one.since() == null
                                        ? ""
                                        : ", "
                                            + one.since()
                                            + " since they parted at "
                                            + one.parted(),
                                    one.clients() == 1 ? "1 client" : one.clients() + " clients"))
                    .collect(Collectors.joining("; "))),
        "pgrunbook run incident/split-brain " + cluster);
  }
}
