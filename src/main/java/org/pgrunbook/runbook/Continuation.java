package org.pgrunbook.runbook;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.Event.Started.Kind;
import org.pgrunbook.journal.PastRun;
import org.pgrunbook.journal.State;

/**
 * A run that was ended, and that another goes on with or takes back: whether it may be, and from
 * which journals.
 *
 * @param run the run
 * @param journals its own, after those of the runs that it went on with itself
 */
public record Continuation(PastRun run, List<PastRun> journals) {
  private static final Set<String> OVER = Set.of("done", "running");
  private static final Set<String> NO_WORK = Set.of("dry run", "undo");

  /**
   * The run of that id or prefix; {@code last} is the newest that can go on, or that has something
   * to undo. If there is none it is simply the newest, which then says why not.
   *
   * @param kind {@code RESUME} or {@code UNDO}
   * @throws Problem with exit 2 if there is none, or more than one
   */
  public static PastRun find(State state, String id, Kind kind) {
    if (id.equals("last")) {
      Set<String> continued = new HashSet<>();
      for (PastRun run : (Iterable<PastRun>) PastRun.all(state)::iterator) {
        if (isOpen(run)
            && !continued.contains(run.id())
            && (kind == Kind.RESUME || run.event("undoable").isPresent() || owes(run))) {
          return run;
        }
        if (counts(run)) {
          run.continues().ifPresent(continued::add);
        }
      }
    }
    return PastRun.find(state, id);
  }

  /** Whether something that has to happen at its end in any case has not. */
  private static boolean owes(PastRun run) {
    Set<String> owed = new HashSet<>();
    for (Map<String, Object> entry : run.entries()) {
      if ("always".equals(entry.get("event"))) {
        owed.add(Past.ALWAYS + entry.get("what"));
      } else if ("step-ended".equals(entry.get("event"))) {
        owed.remove((String) entry.get("step"));
      }
    }
    return !owed.isEmpty();
  }

  private static boolean isOpen(PastRun run) {
    return !OVER.contains(run.outcome()) && !NO_WORK.contains(run.kind());
  }

  /**
   * Whether the run that it goes on with, or takes back, is over. One nobody agreed to undid
   * nothing.
   */
  private static boolean counts(PastRun other) {
    return !other.kind().equals("undo") || hasUndone(other);
  }

  /** What its journals say. */
  Past known() {
    return new Past(journals);
  }

  /**
   * Looks whether a run may go on.
   *
   * @throws Problem with exit 3 that says what changed, or why there is nothing to go on with; with
   *     exit 4 if it still runs
   */
  static Continuation of(PastRun run, Kind kind, State state, Inventory inventory, Source runbook) {
    requireEnded(run);
    requireLast(run, kind, state);
    List<PastRun> journals = new ArrayList<>(List.of(run));
    while (journals.getFirst().continues().isPresent()) {
      journals.addFirst(PastRun.find(state, journals.getFirst().continues().get()));
    }
    Map<String, Object> start = started(run);
    if (!runbook.digest().equals(start.get("runbookDigest"))) {
      throw changed("runbook \"" + runbook.name() + "\"");
    }
    if (start.get("parameters").toString().contains("[secret]")) {
      throw Problem.refused(
              "a parameter of run " + run.id() + " was a secret, which no journal has")
          .hint("Begin anew.");
    }
    requireSameInventory(journals, inventory);
    if (kind == Kind.UNDO) {
      run.after(state).stream().filter(Continuation::isHalfUndo).forEach(journals::add);
    }
    Continuation result = new Continuation(run, List.copyOf(journals));
    requireKnowable(result.known());
    return result;
  }

  private static void requireEnded(PastRun run) {
    if (run.outcome().equals("running")) {
      throw Problem.locked("run " + run.id() + " is still running")
          .hint("The command 'pgrunbook log " + run.id() + "' shows what it is doing.");
    }
    if (NO_WORK.contains(run.kind())) {
      throw Problem.refused(
              "run " + run.id() + " was a " + run.kind() + ": there is nothing to go on with")
          .state("nothing was changed");
    }
    if (run.outcome().equals("done")) {
      throw Problem.refused("run " + run.id() + " is done: there is nothing to go on with")
          .state("nothing was changed");
    }
  }

  private static void requireLast(PastRun run, Kind kind, State state) {
    run.after(state).reversed().stream()
        .filter(Continuation::counts)
        .filter(other -> kind == Kind.RESUME || !isHalfUndo(other))
        .findFirst()
        .ifPresent(
            other -> {
              boolean undo = other.kind().equals("undo");
              if (isHalfUndo(other)) {
                throw Problem.refused(
                        "run %s was being taken back by run %s, which did not come to its end"
                            .formatted(run.id(), other.id()))
                    .hint("Take the rest back: pgrunbook undo " + run.id() + ".");
              }
              Problem problem =
                  Problem.refused(
                      "run "
                          + run.id()
                          + (undo ? " was taken back by run " : " went on as run ")
                          + other.id());
              throw undo
                  ? problem.hint("Begin anew.")
                  : problem.hint("Go on from there: pgrunbook resume " + other.id() + ".");
            });
  }

  /** An undo that was killed has left the rest to another. */
  private static boolean isHalfUndo(PastRun other) {
    return other.kind().equals("undo") && other.outcome().equals("interrupted");
  }

  private static boolean hasUndone(PastRun undo) {
    return undo.entries().stream()
        .map(entry -> String.valueOf(entry.get("step")))
        .anyMatch(step -> step.startsWith(Past.UNDO) || step.startsWith(Past.ALWAYS));
  }

  private static void requireSameInventory(List<PastRun> journals, Inventory inventory) {
    Map<String, Object> used = new HashMap<>();
    for (PastRun journal : journals) {
      journal.entries().stream()
          .filter(entry -> "used".equals(entry.get("event")))
          .forEach(
              entry ->
                  ((Map<?, ?>) entry.get("parts"))
                      .forEach((part, digest) -> used.putIfAbsent((String) part, digest)));
    }
    Map<String, String> now = new HashMap<>();
    used.keySet().stream()
        .filter(part -> part.startsWith("cluster "))
        .map(part -> part.substring("cluster ".length()))
        .filter(inventory.clusters()::containsKey)
        .forEach(cluster -> now.putAll(Parts.of(inventory, cluster)));
    used.forEach(
        (part, digest) -> {
          if (!digest.equals(now.get(part))) {
            throw changed(part + " in the inventory");
          }
        });
  }

  private static void requireKnowable(Past past) {
    past.changeOutsideOfSteps()
        .ifPresent(
            change -> {
              throw Problem.refused("it has changed something outside of any step: " + change)
                  .hint("Put it into a step; 'pgrunbook check' finds such changes.");
            });
    past.failedUndos().stream()
        .findFirst()
        .ifPresent(
            undo -> {
              throw Problem.unknownState("its undo \"" + undo + "\" failed")
                  .hint("Look what state that has left, mend it by hand, then begin anew.");
            });
  }

  private static Problem changed(String what) {
    return Problem.refused(what + " was changed since the run began")
        .hint("Put it back as it was, or begin anew.")
        .state("nothing was changed by this");
  }

  static Map<String, Object> started(PastRun run) {
    return run.event("started")
        .orElseThrow(
            () ->
                Problem.refused(
                    "the journal of run " + run.id() + " does not even say what it was"));
  }
}
