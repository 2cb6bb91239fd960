package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.Standing.Kind;
import org.pgrunbook.postgres.Topology;
import org.pgrunbook.sql.Sql;

/**
 * What is wrong with a cluster and what is fine, from every node at one moment.
 *
 * @param findings the worst first; within a verdict the one whose playbook comes first
 * @param figures what was measured on the way, if somebody wants it
 */
public record Triage(List<Finding> findings, List<Figure> figures) {
  /** For all nodes together: who asks what is wrong waits for no host that swallows packets. */
  private static final Duration ROLES = Duration.ofSeconds(5);

  /** For all of it: with the start and the end of a run that is under 10 s. */
  private static final Duration WHOLE = Duration.ofMillis(8500);

  /** Nodes have to end before they are given up. */
  private static final Duration MARGIN = Duration.ofMillis(300);

  private static final String FAILOVER = "failover";
  private static final String STANDBY_DOWN = "standby-down";

  /**
   * What was looked at and found well, on which nodes.
   *
   * @param incident what was looked for
   * @param nodes on which
   * @param finding what was found
   */
  public record Fine(String incident, String nodes, String finding) {}

  static Triage of(Cluster cluster) {
    return of(cluster, Checks::incidents);
  }

  /** All that somebody should know who looks once a day. */
  static Triage daily(Cluster cluster) {
    return of(cluster, Checks::daily);
  }

  /** What is found out on a node. */
  private interface Look {
    Checks.Found at(Cluster cluster, Node node, Budget budget);
  }

  private static Triage of(Cluster cluster, Look look) {
    Time time = cluster.run().time();
    // What is left of it when the roles are known is for the checks, however busy the machine is.
    Budget whole = new Budget(time, time.nanos(), WHOLE);
    List<Standing> standings =
        Parallel.within(ROLES, cluster.getNodes(), Standing::of, Triage::late);
    List<Node> up =
        standings.stream()
            .filter(one -> one.kind() != Kind.SPARE && !one.isUnknown())
            .map(Standing::node)
            .toList();
    List<Checks.Found> found =
        Parallel.within(
            whole.left(), up, node -> look.at(cluster, node, whole.less(MARGIN)), Checks::late);
    List<Finding> findings = new ArrayList<>(roles(cluster, standings));
    found.forEach(one -> findings.addAll(one.findings()));
    return ranked(findings, found.stream().flatMap(one -> one.figures().stream()).toList());
  }

  private static Triage ranked(List<Finding> findings, List<Figure> figures) {
    return new Triage(
        findings.stream().sorted(Comparator.comparing(Finding::verdict)).toList(), figures);
  }

  private static Standing late(Node node) {
    Problem obstacle = Problem.unreachable("no answer within " + Durations.show(ROLES));
    return new Standing(
        node, node.spec().role(), Kind.UNREACHABLE, 0, Lsn.NONE, "", "", Optional.of(obstacle));
  }

  /** That exactly one node takes writes, and that every other answers. */
  private static List<Finding> roles(Cluster cluster, List<Standing> standings) {
    List<Standing> writable =
        standings.stream().filter(standing -> standing.kind() == Kind.PRIMARY).toList();
    List<Standing> silent = standings.stream().filter(Standing::isUnknown).toList();
    Optional<Node> former =
        writable.isEmpty()
            ? formerPrimary(new Topology(cluster.spec().name(), standings))
            : Optional.empty();
    List<Finding> findings = new ArrayList<>();
    // Nobody takes writes, and nothing tells which of several silent nodes did.
    boolean anyOfThem = writable.isEmpty() && former.isEmpty() && silent.size() > 1;
    if (anyOfThem) {
      findings.add(anyOf(silent));
    }
    for (Standing one : silent) {
      if (!anyOfThem || isFull(one)) {
        findings.add(silent(one, former.map(one.node()::equals).orElse(false)));
      }
    }
    if (writable.size() > 1) {
      findings.add(splitBrain(writable));
    } else if (writable.size() == 1) {
      findings.add(
          Finding.ok(
              SplitBrain.INCIDENT,
              writable.getFirst().node(),
              "it is the only one to take writes"));
    } else if (silent.isEmpty() && !standings.isEmpty()) {
      Node first = standings.getFirst().node();
      findings.add(
          new Finding(Verdict.CRIT, FAILOVER, first, "no node takes writes", failover(first)));
    }
    return findings;
  }

  private static Optional<Node> formerPrimary(Topology topology) {
    try {
      return Optional.of(topology.formerPrimary());
    } catch (Problem e) {
      return Optional.empty();
    }
  }

  private static Finding anyOf(List<Standing> silent) {
    Node first = silent.getFirst().node();
    return new Finding(
        Verdict.CRIT,
        FAILOVER,
        first,
        "no node takes writes, and one of these did: "
            + silent.stream()
                .map(one -> one.node() + " (" + one.remark() + ")")
                .collect(Collectors.joining(", ")),
        failover(first));
  }

  private static boolean isFull(Standing standing) {
    return standing.obstacle().map(Sql::full).orElse(false);
  }

  private static Finding silent(Standing standing, boolean primary) {
    Node node = standing.node();
    Problem obstacle = standing.obstacle().orElseThrow();
    if (isFull(standing)) {
      return Finding.of(
          Verdict.CRIT,
          Checks.HIGH_CONNECTIONS,
          node,
          "it lets nobody in: all connections are taken");
    }
    String fact =
        (standing.kind() == Kind.LOCKED_OUT ? "it does not let us in: " : "it does not answer: ")
            + obstacle.fact();
    return primary
        ? new Finding(
            Verdict.CRIT, FAILOVER, node, "no node takes writes, and " + fact, failover(node))
        : Finding.of(Verdict.WARN, STANDBY_DOWN, node, fact);
  }

  private static String failover(Node node) {
    return "pgrunbook run incident/failover " + node.spec().cluster();
  }

  private static Finding splitBrain(List<Standing> writable) {
    String all = writable.stream().map(Standing::toString).collect(Collectors.joining(" and "));
    Node first = writable.getFirst().node();
    return new Finding(
        Verdict.CRIT,
        SplitBrain.INCIDENT,
        first,
        "%d nodes take writes: %s".formatted(writable.size(), all),
        "pgrunbook run incident/split-brain " + first.spec().cluster());
  }

  /** The same with the age of the newest backup. */
  public Triage with(BackupAge backup) {
    return ranked(
        Stream.concat(findings.stream(), Stream.of(backup.finding())).toList(),
        Stream.concat(figures.stream(), Stream.ofNullable(backup.figure())).toList());
  }

  /** The same with one more finding. */
  public Triage with(Finding more) {
    return ranked(Stream.concat(findings.stream(), Stream.of(more)).toList(), figures);
  }

  /** The worst of what was found out. */
  public Verdict verdict() {
    return findings.isEmpty() ? Verdict.UNKNOWN : findings.getFirst().verdict();
  }

  /**
   * Fails if anything is critical.
   *
   * @throws Problem with exit 1
   */
  public void requireNothingCritical() {
    long critical = findings.stream().filter(finding -> finding.verdict() == Verdict.CRIT).count();
    if (critical > 0) {
      throw Problem.failed(
              critical == 1 ? "1 finding is critical" : critical + " findings are critical")
          .hint("Begin with: " + findings.getFirst().next() + ".");
    }
  }

  /** What is wrong, or cannot be told; the worst first. */
  public List<Finding> wrong() {
    return findings.stream().filter(finding -> finding.verdict() != Verdict.OK).toList();
  }

  /** What is fine, once for all nodes of which the same was found. */
  public List<Fine> fine() {
    Map<List<String>, List<Finding>> alike =
        findings.stream()
            .filter(finding -> finding.verdict() == Verdict.OK)
            .collect(
                Collectors.groupingBy(
                    finding -> List.of(finding.incident(), finding.finding()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return alike.entrySet().stream()
        .map(
            entry ->
                new Fine(
                    entry.getKey().get(0), nodes(entry.getValue().stream()), entry.getKey().get(1)))
        .toList();
  }

  private static String nodes(Stream<Finding> findings) {
    return findings
        .map(finding -> finding.node() == null ? "-" : finding.node().getName())
        .collect(Collectors.joining(", "));
  }
}
