package org.pgrunbook.runbook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.ssh.Command;

/** Looks once more, after a run has failed, at what state that leaves its clusters in. */
final class Aftermath {
  /** Who waits for an error must not wait long. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private static final int AT_ONCE = 20;
  static final String STEP = "look at what that leaves";

  private Aftermath() {}

  /**
   * What state they are in, as a clause; empty if the run has used none.
   *
   * @param changed the nodes that the run has changed: a spare is told of only if it is one of them
   */
  static Optional<String> of(List<Cluster> clusters, Set<String> changed, Run run) {
    if (clusters.isEmpty()) {
      return Optional.empty();
    }
    long start = run.time().nanos();
    String found =
        run.journal()
            .inside(
                STEP,
                () -> {
                  run.journal().tell(new Event.StepStarted(STEP));
                  return lookWithinLimit(clusters, changed);
                });
    run.journal()
        .tell(
            new Event.StepEnded(
                STEP, Event.Outcome.DONE, run.time().since(start), null, null, null));
    return Optional.of(found);
  }

  private static String lookWithinLimit(List<Cluster> clusters, Set<String> changed) {
    String unknown = "the nodes did not all answer within " + Durations.show(LIMIT);
    try {
      return Parallel.within(LIMIT, List.of(clusters), all -> look(all, changed), late -> unknown)
          .getFirst();
    } catch (Problem e) {
      // Whoever interrupts us, or a mistake: what went wrong before is what has to be told.
      return unknown;
    }
  }

  private static String look(List<Cluster> clusters, Set<String> changed) {
    List<Node> nodes =
        clusters.stream()
            .flatMap(cluster -> cluster.getNodes().stream())
            .filter(node -> !isSpare(node) || changed.contains(node.fullName()))
            .toList();
    return String.join(", ", Parallel.all(nodes, AT_ONCE, Aftermath::clause));
  }

  private static boolean isSpare(Node node) {
    return node.spec().role() == Role.SPARE;
  }

  private static String clause(Node node) {
    Standing standing = Standing.ask(node);
    String name = isSpare(node) ? "spare " + node : node.toString();
    return switch (standing.kind()) {
      case PRIMARY -> name + " takes writes on timeline " + standing.timeline();
      case STANDBY ->
          name
              + (isSpare(node) ? " is in recovery" : " is a standby")
              + " on timeline "
              + standing.timeline();
      case LOCKED_OUT -> name + " runs and does not let us in";
      case UNREACHABLE -> name + " is down" + (isSpare(node) ? "" : mark(node));
      case SPARE -> throw new IllegalStateException(node + " was asked");
    };
  }

  /** A server that is down comes back as what its data directory says. */
  private static String mark(Node node) {
    if (node.spec().data().isEmpty()) {
      return "";
    }
    String script = "[ -d \"$1\" ] || exit 2; [ -e \"$1/standby.signal\" ] || exit 1";
    try {
      int exit =
          node.getSsh()
              .run(Command.probeScript(script, node.spec().data().get()).accept(0, 1, 2))
              .exit();
      return switch (exit) {
        case 0 -> " and fenced: it would start as a standby";
        case 1 -> " and not fenced";
        default -> "";
      };
    } catch (Problem e) {
      return ", and its host does not answer";
    }
  }
}
