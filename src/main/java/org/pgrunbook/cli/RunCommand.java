package org.pgrunbook.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.runbook.Engine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook run}: runs a runbook. */
@Command(
    name = "run",
    description = "Run a runbook.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RunCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      index = "0",
      paramLabel = "RUNBOOK",
      description = "A name such as backup/base-backup, or a path.")
  private String runbook;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TARGET",
      description = "CLUSTER or CLUSTER/NODE.")
  private String target;

  @Option(
      names = "-p",
      paramLabel = "NAME=VALUE",
      description = "A parameter; see 'pgrunbook show RUNBOOK'.")
  private List<String> parameters = List.of();

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

  @Option(
      names = {"-n", "--dry-run"},
      description = "Look for real, but only say what would be changed.")
  private boolean dry;

  @Option(names = "--json", description = "Print JSON lines, and nothing else, on standard output.")
  private boolean json;

  @Override
  public Integer call() {
    Terminal terminal = main.terminal;
    var answers = new PersonOrFlags(terminal, yes, Optional.ofNullable(confirm));
    try (Telling telling = telling()) {
      Engine engine =
          main.engine(
              main.inventory(), List.of(telling.listener()), telling.answers().apply(answers));
      Engine.Request request =
          new Engine.Request(
              main.library().find(runbook), Optional.ofNullable(target), given(), dry);
      // The explanation is part of it: after a signal the process ends as soon as this is over.
      return Interrupts.during(
          () -> {
            Engine.Result result = engine.run(request);
            result.problem().ifPresent(main::explain);
            return result.exit().code();
          });
    }
  }

  private Telling telling() {
    return json
        ? Telling.json(main.terminal)
        : Telling.narrated(
            main.terminal,
            verbose ? Narration.Detail.EVERYTHING : Narration.Detail.CHANGES,
            Time.system());
  }

  private Map<String, String> given() {
    Map<String, String> result = new LinkedHashMap<>();
    for (String parameter : parameters) {
      int equals = parameter.indexOf('=');
      if (equals < 1) {
        throw Problem.usage("-p takes NAME=VALUE but got \"" + parameter + "\"");
      }
      String name = parameter.substring(0, equals);
      if (result.put(name, parameter.substring(equals + 1)) != null) {
        throw Problem.usage("parameter \"" + name + "\" is given twice");
      }
    }
    return result;
  }
}
