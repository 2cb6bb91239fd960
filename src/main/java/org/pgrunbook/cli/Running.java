package org.pgrunbook.cli;

import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import org.pgrunbook.Time;
import org.pgrunbook.runbook.Answers;
import org.pgrunbook.runbook.Engine;
import org.pgrunbook.runbook.WhenLocked;
import picocli.CommandLine.Option;

/** What the commands have in common that run something: who agrees, and how it is told. */
final class Running {
  @Option(names = "--yes", description = "Agree to what asks for yes or no.")
  private boolean yes;

  @Option(
      names = "--confirm",
      paramLabel = "NAME",
      description = "Agree to what asks for this name; may be given several times.")
  private List<String> confirm = List.of();

  @Option(
      names = "--without-lock",
      description =
          "Where the repository cannot be reached, go on with the lock of this machine alone. Asks"
              + " for the cluster's name.")
  private boolean withoutLock;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show every operation, also those that change nothing.")
  private boolean verbose;

  @Option(names = "--json", description = "Print JSON lines, and nothing else, on standard output.")
  private boolean json;

  /** What is done when a lock cannot be had. */
  WhenLocked whenLocked(Duration patience, boolean skips) {
    return new WhenLocked(patience, skips, withoutLock);
  }

  /**
   * Runs something that signals interrupt, tells it, and returns the exit status.
   *
   * @param work gets the engine, and the person who is there whatever flags were given
   */
  int run(Main main, BiFunction<Engine, Answers, Engine.Result> work) {
    Terminal terminal = main.terminal;
    var answers = new PersonOrFlags(terminal, yes, confirm);
    InFlight inFlight = new InFlight();
    try (Telling telling = telling(terminal)) {
      Answers person = telling.answers().apply(new PersonOrFlags(terminal, false, List.of()));
      Engine engine =
          main.engine(
              main.inventory(),
              List.of(telling.listener(), inFlight),
              telling.answers().apply(answers));
      Engine.Result result =
          Interrupts.during(
              () -> work.apply(engine, person), () -> terminal.print(inFlight.left()));
      result.problem().ifPresent(main::explain);
      return result.exit().code();
    }
  }

  private Telling telling(Terminal terminal) {
    return json
        ? Telling.json(terminal)
        : Telling.narrated(
            terminal,
            verbose ? Narration.Detail.EVERYTHING : Narration.Detail.CHANGES,
            Time.system());
  }
}
