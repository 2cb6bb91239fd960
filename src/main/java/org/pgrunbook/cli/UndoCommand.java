package org.pgrunbook.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.pgrunbook.journal.Event.Started.Kind;
import org.pgrunbook.journal.PastRun;
import org.pgrunbook.runbook.Continuation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook undo}: takes back what a run has done. */
@Command(
    name = "undo",
    description = "Take back what a run has done, as far as its runbook says how.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class UndoCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "RUN",
      description =
          "An id, a unique prefix of one, or \"last\": the newest that has something to undo.")
  private String run;

  @Mixin private Running running;

  @Override
  public Integer call() {
    PastRun past = Continuation.find(main.state(), run, Kind.UNDO);
    return running.run(
        main,
        (engine, person) ->
            engine.goOn(past, main.library(), Kind.UNDO, running.whenLocked(Duration.ZERO, false)));
  }
}
