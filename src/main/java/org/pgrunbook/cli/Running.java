package org.pgrunbook.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.pgrunbook.Time;
import org.pgrunbook.runbook.Answers;
import org.pgrunbook.runbook.Engine;
import picocli.CommandLine.Option;

/** What the commands have in common that run something: who agrees, and how it is told. */
final class Running {
  @Option(names = "--yes", description = "Agree to what asks for yes or no.")
  private boolean yes;

  @Option(
      names = "--confirm",
      paramLabel = "NAME",
      description = "Agree to what asks for this name.")
  private String confirm;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show every operation, also those that change nothing.")
  private boolean verbose;

  @Option(names = "--json", description = "Print JSON lines, and nothing else, on standard output.")
  private boolean json;

  /**
   * Runs something that signals interrupt, tells it, and returns the exit status.
   *
   * @param work gets the engine, and the person who is there whatever flags were given
   */
  int run(Main main, BiFunction<Engine, Answers, Engine.Result> work) {
    Terminal terminal = main.terminal;
    var answers = new PersonOrFlags(terminal, yes, Optional.ofNullable(confirm));
    InFlight inFlight = new InFlight();
    try (Telling telling = telling(terminal)) {
      Answers person =
          telling.answers().apply(new PersonOrFlags(terminal, false, Optional.empty()));
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
