package org.pgrunbook.runbook;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Run;

/**
 * What is undone after a run has failed, or when a person asks for it; and what state that leaves.
 */
final class WayBack {
  private static final int MOST_TOLD = 20;

  private WayBack() {}

  /**
   * Undoes what the run before has done, and does what it owes in any case, after both were shown
   * and agreed to.
   */
  static Optional<Problem> takeBack(Engine.Request request, Execution execution) {
    Run run = execution.run;
    List<String> names = execution.undo.names();
    List<String> owed = execution.undo.owed();
    if (names.isEmpty()) {
      tellWhatStays(request.past().orElseThrow(), owed.isEmpty(), run);
    } else {
      run.journal().note("to be undone, in this order: " + String.join("; ", names));
    }
    if (!owed.isEmpty()) {
      run.journal().note("to be done in any case, in this order: " + String.join("; ", owed));
    }
    if (names.isEmpty() && owed.isEmpty()) {
      return Optional.empty();
    }
    ((Resumed) run.means()).freeze(false);
    try {
      String question = names.isEmpty() ? "Do this?" : "Undo this?";
      execution.consent.ask(question, request.target().map(target -> target));
    } catch (Problem e) {
      return Optional.of(e.state("nothing was undone"));
    }
    Optional<Problem> undo =
        execution.undo.undo(run, Problem.interrupted("a person takes it back"));
    Optional<Problem> always = execution.undo.finish(run);
    return undo.or(() -> always)
        .map(
            problem -> {
              Problem outcome = Problem.unknownState("the undo failed: " + problem.fact());
              problem.hints().forEach(outcome::hint);
              Aftermath.of(execution.clusters.open(), Set.of(), run).ifPresent(outcome::state);
              return outcome.because(problem);
            });
  }

  private static void tellWhatStays(Continuation past, boolean forGood, Run run) {
    List<String> changes = past.known().changes();
    String what = forGood ? "stays changed: " : "had changed: ";
    run.journal().note("nothing is left that could be undone");
    if (past.known().isIrreversible()) {
      run.journal()
          .note(
              "it went past the point of no return; to go on from there: pgrunbook resume "
                  + past.run().id());
    }
    changes.stream().limit(MOST_TOLD).forEach(change -> run.journal().note(what + change));
    if (changes.size() > MOST_TOLD) {
      run.journal().note(what + (changes.size() - MOST_TOLD) + " things more");
    }
  }

  /**
   * Takes back what can be, and says what state that leaves.
   *
   * @param changed whether this run, or one that it goes on from, has changed anything
   * @param nodes those of which this run has
   */
  static Problem afterFailure(
      Problem failure, Execution execution, boolean changed, Set<String> nodes) {
    Thread.interrupted(); // what undoes must not be interrupted by what interrupted the run
    Run run = execution.run;
    execution.goBack();
    Optional<Problem> undo = execution.undo.undo(run, failure);
    Optional<Problem> always = execution.undo.finish(run);
    always.ifPresent(problem -> run.journal().warn(problem.fact()));
    if (undo.isEmpty() && !changed) {
      return failure.state().isPresent() ? failure : failure.state("nothing was changed");
    }
    Problem outcome =
        undo.map(
                problem ->
                    Problem.unknownState(
                            failure.fact() + "; and the undo failed: " + problem.fact())
                        .because(failure))
            .orElseGet(() -> afterChange(failure));
    outcome.hint("Go on from here, once that is mended: pgrunbook resume " + run.id() + ".");
    outcome.hint("See what it did: pgrunbook log " + run.id() + ".");
    Aftermath.of(execution.clusters.open(), nodes, run)
        .map(state -> failure.state().map(first -> first + "; " + state).orElse(state))
        .ifPresent(outcome::state);
    return outcome;
  }

  /**
   * A run that went on, and that nobody agreed to before it did anything, leaves things as they
   * are: who only forgot to agree does not want everything taken back.
   */
  static Problem declined(Problem failure, Execution execution) {
    Run run = execution.run;
    execution.undo.finish(run).ifPresent(problem -> run.journal().warn(problem.fact()));
    failure.hint("Go on from here, and agree: pgrunbook resume " + run.id() + ".");
    String cluster =
        Aftermath.of(execution.clusters.open(), Set.of(), run).map(now -> ", " + now).orElse("");
    return failure.state("nothing was changed by this, nor taken back" + cluster);
  }

  /** What could be refused before a change is a failure after it. */
  private static Problem afterChange(Problem failure) {
    return switch (failure.exit()) {
      case UNREACHABLE, REFUSED, USAGE, LOCKED -> failure.as(Exit.FAILED);
      default -> failure;
    };
  }
}
