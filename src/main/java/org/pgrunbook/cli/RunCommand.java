package org.pgrunbook.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.runbook.Engine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Option(
      names = {"-n", "--dry-run"},
      description = "Look for real, but only say what would be changed.")
  private boolean dry;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      description = "Wait so long for a lock that another run holds, such as 10min.")
  private String patience;

  @Option(names = "--skip", description = "If another run holds a lock, do nothing and end with 0.")
  private boolean skip;

  @Option(names = "--step", description = "Ask before each step.")
  private boolean stepwise;

  @Option(
      names = "--from",
      paramLabel = "STEP",
      description =
          "Begin with this step. Those before it are not done; you have to have done them by hand.")
  private String from;

  @Mixin private Running running;

  @Override
  public Integer call() {
    if (stepwise && main.terminal.input().isEmpty()) {
      throw Problem.usage("--step asks a person, and nobody is there")
          .hint("Run it on a terminal, or leave out --step.");
    }
    return running.run(
        main,
        (engine, person) -> {
          var request =
              new Engine.Request(
                  main.library().find(runbook), Optional.ofNullable(target), given());
          request = from == null ? request : request.from(from);
          request = request.whenLocked(running.whenLocked(waiting(), skip));
          request = stepwise ? request.asking(person) : request;
          return engine.run(dry ? request.dry() : request);
        });
  }

  private Duration waiting() {
    try {
      return patience == null ? Duration.ZERO : Durations.parse(patience);
    } catch (IllegalArgumentException e) {
      throw Problem.usage("--wait is no duration: " + e.getMessage())
          .hint("Write it like 30s or 10min.");
    }
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
