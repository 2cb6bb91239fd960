package org.pgrunbook.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.Topology;
import org.pgrunbook.replication.Evidence.Verdict;

/**
 * Asks everybody who could know whether a server lives (P68), all at the same time: the server
 * itself over SQL, its host over SSH, and its standbys. Which node it is may come out only with
 * their answers, so every node and every host is asked; but those hosts are not waited for whose
 * servers answer.
 */
final class Assessment {
  /** A packet that is lost is sent again after 1 s and after 3 s: two in a row are no silence. */
  static final Duration SILENCE = Duration.ofSeconds(5);

  private static final int AT_ONCE = 10;

  private final Cluster cluster;
  private final Duration limit;

  /**
   * Asks nobody yet.
   *
   * @param limit how long anybody is waited for
   */
  Assessment(Cluster cluster, Duration limit) {
    this.cluster = cluster;
    this.limit = limit;
  }

  /** About the node that is, or was, the primary. */
  Evidence ofPrimary() {
    List<Node> asked =
        cluster.getNodes().stream()
            .filter(node -> node.spec().role() != Role.SPARE && node.spec().data().isPresent())
            .toList();
    try (var hosts = Parallel.begin(limit, asked, Host::of, node -> Host.late(limit))) {
      Topology now =
          new Topology(
              cluster.fullName(),
              Parallel.within(
                  limit, cluster.getNodes(), Standing::of, node -> Standing.silent(node, limit)));
      Node node = cluster.topologyOf(now::standings).formerPrimary();
      requireDataDirectory(node);
      return judge(node, now, hosts::of);
    }
  }

  private Evidence judge(Node node, Topology now, Function<Node, Host> hosts) {
    Standing standing = now.of(node);
    Host host = hosts.apply(node);
    List<Heard> heard = heard(node, now);
    List<Signal> signals = new ArrayList<>();
    signals.add(new Signal("SQL to " + node, standing.answer().orElseGet(standing::remark)));
    signals.add(host.signal(node));
    heard.forEach(witness -> signals.add(witness.signal()));
    Optional<String> life = standing.answer().or(() -> proofOfLife(heard));
    Conclusion conclusion =
        life.isPresent()
            ? new Conclusion(Verdict.ALIVE, node + " is not down: " + life.get())
            : new Succession(node, now, hosts)
                .objection()
                .map(objection -> new Conclusion(Verdict.SUCCEEDED, objection))
                .orElseGet(() -> ofSilence(node, host, heard));
    return new Evidence(node, conclusion.verdict(), conclusion.why(), List.copyOf(signals));
  }

  private record Conclusion(Verdict verdict, String why) {}

  private static Conclusion ofSilence(Node node, Host host, List<Heard> heard) {
    if (host.processes().filter(List::isEmpty).isPresent()) {
      return host.control().isPresent()
          ? new Conclusion(Verdict.DEAD, node + " has no server process")
          : new Conclusion(
              Verdict.LOST,
              node + " has no server process, and its data directory is not to be read");
    }
    boolean reached = host.processes().isPresent();
    Optional<Heard> waiting =
        heard.stream()
            .filter(witness -> !witness.isProofOfSilence())
            .max(Comparator.comparing(Heard::openFor));
    if (waiting.isPresent()) {
      return new Conclusion(
          Verdict.UNCLEAR,
          "%s, but its standbys have not given it up yet: %s"
              .formatted(
                  reached
                      ? node + " runs and does not answer"
                      : "the host of " + node + " is out of reach",
                  waiting.get().waits()));
    }
    return reached
        ? new Conclusion(Verdict.HUNG, node + " runs, but neither SQL nor its standbys hear it")
        : new Conclusion(
            Verdict.OUT_OF_REACH,
            "the host of " + node + " is out of reach, so nothing proves that it takes no writes");
  }

  private static Optional<String> proofOfLife(List<Heard> heard) {
    return heard.stream()
        .filter(Heard::isProofOfLife)
        .findFirst()
        .map(
            witness ->
                "%s heard from it %s ago"
                    .formatted(witness.standby(), Durations.show(witness.age())));
  }

  /** What the standbys heard that stream from no other standby. */
  private static List<Heard> heard(Node node, Topology now) {
    List<Node> standbys = now.standbys().stream().filter(one -> !one.equals(node)).toList();
    Set<String> others = standbys.stream().map(Assessment::address).collect(Collectors.toSet());
    return Parallel.all(standbys, AT_ONCE, Heard::by).stream()
        .filter(witness -> !others.contains(witness.sender()))
        .toList();
  }

  private static String address(Node node) {
    return node.spec().host() + ":" + node.spec().sql().port();
  }

  /** A dead server cannot be asked for it. */
  private static void requireDataDirectory(Node node) {
    if (node.spec().data().isEmpty()) {
      throw Problem.usage("node \"" + node.fullName() + "\" has no data directory")
          .hint("Name it with the node's key data: a server that is down cannot be asked for it.");
    }
  }
}
