package org.pgrunbook.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.replication.Evidence.Verdict;
import org.pgrunbook.sql.Sql;

/**
 * Asks everybody who could know whether a server lives (P68): the server itself over SQL, its host
 * over SSH, and its standbys.
 */
final class Assessment {
  private static final int AT_ONCE = 10;

  private final Node node;
  private final List<Signal> signals = new ArrayList<>();

  Assessment(Node node) {
    this.node = node;
  }

  Evidence with(Cluster cluster) {
    requireDataDirectory();
    Optional<String> answer = answer();
    Optional<List<Long>> processes = processes();
    List<Heard> heard = heard(cluster);
    if (answer.isPresent()) {
      return evidence(Verdict.ALIVE, node + " is not down: " + answer.get());
    }
    Optional<Heard> life = heard.stream().filter(Heard::isProofOfLife).findFirst();
    if (life.isPresent()) {
      return evidence(
          Verdict.ALIVE,
          "%s is not down: %s heard from it %s ago"
              .formatted(node, life.get().standby(), Durations.show(life.get().age())));
    }
    Optional<String> objection = new Succession(node, cluster).objection();
    if (objection.isPresent()) {
      return evidence(Verdict.SUCCEEDED, objection.get());
    }
    if (processes.isEmpty()) {
      return evidence(
          Verdict.OUT_OF_REACH,
          "the host of " + node + " is out of reach, so nothing proves that it takes no writes");
    }
    if (processes.get().isEmpty()) {
      return evidence(Verdict.DEAD, node + " has no server process");
    }
    return heard.stream().allMatch(Heard::isProofOfSilence)
        ? evidence(Verdict.HUNG, node + " runs, but neither SQL nor its standbys hear it")
        : evidence(
            Verdict.UNCLEAR,
            node + " runs and does not answer, but its standbys have not given it up yet");
  }

  /** What the server itself answers over SQL; empty if nothing. */
  Optional<String> answer() {
    Optional<String> answer = Optional.empty();
    String silence = "";
    try {
      boolean recovers = node.getSql().value(Boolean.class, "select pg_is_in_recovery()");
      answer = Optional.of(recovers ? "it is up, as a standby" : "it takes writes");
    } catch (Problem e) {
      if (Sql.answered(e)) {
        answer = Optional.of("it answers: " + e.fact()); // P69: full or forbidding is not dead
      }
      silence = e.fact();
    }
    signals.add(new Signal("SQL to " + node, answer.orElse(silence)));
    return answer;
  }

  /** The server's processes; empty if the host is out of reach. */
  private Optional<List<Long>> processes() {
    String from = "host of " + node;
    try {
      List<Long> processes = node.getPostmaster().processes();
      signals.add(
          new Signal(
              from, processes.isEmpty() ? "no server process; " + control() : running(processes)));
      return Optional.of(processes);
    } catch (Problem e) {
      if (e.exit() != Exit.UNREACHABLE) {
        throw e;
      }
      signals.add(new Signal(from, e.fact()));
      return Optional.empty();
    }
  }

  private static String running(List<Long> processes) {
    return "%d server processes, the first is %d".formatted(processes.size(), processes.getFirst());
  }

  private String control() {
    ControlFile control = node.getPostmaster().controlFile();
    return "pg_control of %s says %s"
        .formatted(
            control.modified(),
            control.state().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
  }

  /** What the standbys heard that stream from no other standby. */
  private List<Heard> heard(Cluster cluster) {
    List<Node> standbys = cluster.getStandbys().stream().filter(n -> !n.equals(node)).toList();
    Set<String> others = standbys.stream().map(Assessment::address).collect(Collectors.toSet());
    List<Heard> heard =
        Parallel.all(standbys, AT_ONCE, Heard::by).stream()
            .filter(witness -> !others.contains(witness.sender()))
            .toList();
    heard.forEach(witness -> signals.add(witness.signal()));
    return heard;
  }

  private static String address(Node node) {
    return node.spec().host() + ":" + node.spec().sql().port();
  }

  private Evidence evidence(Verdict verdict, String conclusion) {
    return new Evidence(node, verdict, conclusion, List.copyOf(signals));
  }

  /** A dead server cannot be asked for it. */
  private void requireDataDirectory() {
    if (node.spec().data().isEmpty()) {
      throw Problem.usage("node \"" + node.fullName() + "\" has no data directory")
          .hint("Name it with the node's key data: a server that is down cannot be asked for it.");
    }
  }
}
