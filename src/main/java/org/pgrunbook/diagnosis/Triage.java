package org.pgrunbook.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.Standing.Kind;
import org.pgrunbook.sql.Sql;

/**
 * What is wrong with a cluster and what is fine, from every node at one moment.
 *
 * @param findings the worst first; within a verdict the one whose playbook comes first
 */
public record Triage(List<Finding> findings) {
  private static final int NODES_AT_ONCE = 20;
  private static final String FAILOVER = "failover";
  private static final String SPLIT_BRAIN = "split-brain";

  /** What was looked at and found well, on which nodes. */
  public record Fine(String incident, String nodes, String finding) {}

  /** A node, and what was found out there. */
  private record Seen(Standing standing, List<Finding> findings) {}

  static Triage of(Cluster cluster) {
    List<Seen> seen = Parallel.all(cluster.getNodes(), NODES_AT_ONCE, node -> look(cluster, node));
    List<Finding> findings = new ArrayList<>(roles(seen));
    seen.forEach(one -> findings.addAll(one.findings()));
    findings.sort(Comparator.comparing(Finding::verdict));
    return new Triage(List.copyOf(findings));
  }

  private static Seen look(Cluster cluster, Node node) {
    Standing standing = Standing.of(node);
    if (standing.kind() == Kind.SPARE) {
      return new Seen(standing, List.of());
    }
    if (standing.isUnknown()) {
      return new Seen(standing, List.of(unreachable(standing)));
    }
    return new Seen(standing, Checks.all(cluster, standing));
  }

  private static Finding unreachable(Standing standing) {
    Node node = standing.node();
    Problem obstacle = standing.obstacle().orElseThrow();
    if (Sql.full(obstacle)) {
      return Finding.of(
          Verdict.CRIT,
          Checks.HIGH_CONNECTIONS,
          node,
          "it lets nobody in: all connections are taken");
    }
    boolean primary = standing.declared() == Role.PRIMARY;
    return new Finding(
        primary ? Verdict.CRIT : Verdict.WARN,
        primary ? FAILOVER : "standby-down",
        node,
        (standing.kind() == Kind.LOCKED_OUT ? "it does not let us in: " : "it does not answer: ")
            + obstacle.fact(),
        "pgrunbook run "
            + (primary ? "incident/failover " : "health/status ")
            + node.spec().cluster());
  }

  /** That exactly one node takes writes. */
  private static List<Finding> roles(List<Seen> seen) {
    List<Standing> writable =
        seen.stream()
            .map(Seen::standing)
            .filter(standing -> standing.kind() == Kind.PRIMARY)
            .toList();
    boolean inDoubt = seen.stream().anyMatch(one -> one.standing().isUnknown());
    if (writable.size() == 1) {
      return List.of(
          Finding.ok(SPLIT_BRAIN, writable.getFirst().node(), "it is the only one to take writes"));
    }
    if (writable.isEmpty()) {
      // A node that does not answer was told of already: it may be the one.
      return inDoubt || seen.isEmpty()
          ? List.of()
          : List.of(
              Finding.of(
                  Verdict.CRIT,
                  FAILOVER,
                  seen.getFirst().standing().node(),
                  "no node takes writes"));
    }
    String all = writable.stream().map(Standing::toString).collect(Collectors.joining(" and "));
    return List.of(
        new Finding(
            Verdict.CRIT,
            SPLIT_BRAIN,
            writable.getFirst().node(),
            "%d nodes take writes: %s".formatted(writable.size(), all),
            "stop the one that the applications do not use, before anything else"));
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
    return findings.map(finding -> finding.node().getName()).collect(Collectors.joining(", "));
  }
}
