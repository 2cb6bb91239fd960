package org.pgrunbook.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.InventoryReader;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.State;
import org.pgrunbook.runbook.Answers;
import org.pgrunbook.runbook.Engine;
import org.pgrunbook.runbook.Library;
import org.pgrunbook.runbook.Origin;
import org.pgrunbook.sandbox.Sandbox;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code pgrunbook}. */
@Command(
    name = "pgrunbook",
    description = "Runs runbooks for PostgreSQL: backup, restore, failover, incidents.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    subcommands = {
      RunCommand.class,
      ResumeCommand.class,
      UndoCommand.class,
      StatusCommand.class,
      BackupsCommand.class,
      ListCommand.class,
      ShowCommand.class,
      CheckCommand.class,
      NewCommand.class,
      InventoryCommand.class,
      RunsCommand.class,
      LogCommand.class,
      SandboxCommand.class,
      DemoCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  @Option(
      names = {"-i", "--inventory"},
      paramLabel = "PATH",
      description = "File or folder. Default: $PGRUNBOOK_INVENTORY, else inventory/ here.")
  java.nio.file.Path inventory;

  @Option(names = "--stacktrace", description = "Print the stack trace of an error.")
  boolean stacktrace;

  @Spec CommandLine.Model.CommandSpec spec;

  final Terminal terminal;

  private final List<String> arguments;

  Main(Terminal terminal, List<String> arguments) {
    this.terminal = terminal;
    this.arguments = arguments;
  }

  public static void main(String[] arguments) {
    System.exit(Interrupts.exit(run(Terminal.ofProcess(), List.of(arguments))));
  }

  /** Runs a command line and returns its exit status. */
  public static int run(Terminal terminal, List<String> arguments) {
    Main main = new Main(terminal, arguments);
    CommandLine commandLine = new CommandLine(main);
    commandLine.setOut(terminal.out());
    commandLine.setErr(terminal.err());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler((e, line, result) -> main.explain(e));
    commandLine.setParameterExceptionHandler(
        (e, given) -> {
          terminal.print(Misuse.explain(e));
          return Exit.USAGE.code();
        });
    commandLine
        .getCommandSpec()
        .usageMessage()
        .exitCodeListHeading("%nExit status:%n")
        .exitCodeList(exits());
    return commandLine.execute(arguments.toArray(String[]::new));
  }

  /** The inventory that the flags and the environment name. */
  Inventory inventory() {
    return InventoryReader.read(
        InventoryReader.locate(
            Optional.ofNullable(inventory), terminal.environment(), terminal.folder()));
  }

  /** Where runbooks are found. */
  Library library() {
    return Library.of(terminal.folder(), terminal.home());
  }

  /** The one sandbox of this user. */
  Sandbox sandbox(Consumer<String> progress) {
    return new Sandbox(Sandbox.placeFor(state().folder()), Time.system(), progress);
  }

  /** Where journals and locks are. */
  State state() {
    return State.of(terminal.environment());
  }

  /** What runs runbooks, and tells its listeners. */
  Engine engine(Inventory inventory, List<Listener> listeners, Answers answers) {
    return engine(inventory, state(), listeners, answers);
  }

  /** The same, with its journals and locks elsewhere. */
  Engine engine(Inventory inventory, State state, List<Listener> listeners, Answers answers) {
    return new Engine(
        inventory,
        state,
        Time.system(),
        new Secrets(),
        listeners,
        answers,
        Origin.of(arguments, Version.own()));
  }

  @Override
  public void run() {
    spec.commandLine().usage(terminal.out());
  }

  int explain(Exception e) {
    Problem problem =
        e instanceof Problem known
            ? known
            : Problem.of(Exit.BUG, "this is a bug in pgrunbook: " + e)
                .hint("Please report it with the output of --stacktrace and of --version.")
                .because(e);
    terminal.print(problem);
    if (stacktrace) {
      problem.printStackTrace(terminal.err());
    }
    return problem.exit().code();
  }

  private static Map<String, String> exits() {
    Map<String, String> result = new LinkedHashMap<>();
    for (Exit exit : Exit.values()) {
      result.put(String.valueOf(exit.code()), exit.meaning());
    }
    return Collections.unmodifiableMap(result);
  }
}
