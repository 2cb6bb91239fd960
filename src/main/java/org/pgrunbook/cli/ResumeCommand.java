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

/** {@code pgrunbook resume}: goes on where a run was ended. */
@Command(
    name = "resume",
    description = "Go on where a run was ended.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ResumeCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "RUN",
      description = "An id, a unique prefix of one, or \"last\": the newest that can go on.")
  private String run;

  @Mixin private Running running;

  @Override
  public Integer call() {
    PastRun past = Continuation.find(main.state(), run, Kind.RESUME);
    return running.run(
        main,
        (engine, person) ->
            engine.goOn(
                past, main.library(), Kind.RESUME, running.whenLocked(Duration.ZERO, false)));
  }
}
