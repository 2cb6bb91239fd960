package org.pgrunbook.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    sortOptions = false)
public final class Main implements Runnable {
  /** In the order of the help. */
  private static final List<Map.Entry<String, Class<?>>> COMMANDS =
      List.of(
          Map.entry("run", RunCommand.class),
          Map.entry("resume", ResumeCommand.class),
          Map.entry("undo", UndoCommand.class),
          Map.entry("unlock", UnlockCommand.class),
          Map.entry("status", StatusCommand.class),
          Map.entry("doctor", DoctorCommand.class),
          Map.entry("backups", BackupsCommand.class),
          Map.entry("list", ListCommand.class),
          Map.entry("show", ShowCommand.class),
          Map.entry("check", CheckCommand.class),
          Map.entry("new", NewCommand.class),
          Map.entry("inventory", InventoryCommand.class),
          Map.entry("runs", RunsCommand.class),
          Map.entry("log", LogCommand.class),
          Map.entry("report", ReportCommand.class),
          Map.entry("sandbox", SandboxCommand.class),
          Map.entry("demo", DemoCommand.class),
          Map.entry("completion", CompletionCommand.class),
          Map.entry("help", CommandLine.HelpCommand.class));

  /** The commands that tell of the others. */
  private static final Set<String> FOR_ALL = Set.of("help", "completion");

  @Option(
      names = {"-i", "--inventory"},
      paramLabel = "PATH",
      description = "File or folder. Default: $PGRUNBOOK_INVENTORY, else inventory/ here.")
  java.nio.file.Path inventory;

  @Option(names = "--stacktrace", description = "Print the stack trace of an error.")
  boolean stacktrace;

  @Spec CommandLine.Model.CommandSpec spec;

  final Terminal terminal;

  /** What no output of this process tells. */
  final Secrets secrets = new Secrets();

  private final List<String> arguments;

  Main(Terminal terminal, List<String> arguments) {
    this.terminal = terminal;
    this.arguments = arguments;
  }

  public static void main(String[] arguments) {
    Ending.end(Interrupts.exit(run(Terminal.ofProcess(), List.of(arguments))));
  }

  /** Runs a command line and returns its exit status. */
  public static int run(Terminal terminal, List<String> arguments) {
    Main main = new Main(terminal, arguments);
    CommandLine commandLine = new CommandLine(main);
    wanted(arguments).forEach(one -> commandLine.addSubcommand(one.getKey(), one.getValue()));
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

  /**
   * The one command that is wanted, if an argument is its name; none for the version; else all. To
   * look at what every command declares takes longer than most of them.
   */
  private static List<Map.Entry<String, Class<?>>> wanted(List<String> arguments) {
    if (arguments.equals(List.of("--version")) || arguments.equals(List.of("-V"))) {
      return List.of();
    }
    List<Map.Entry<String, Class<?>>> found =
        COMMANDS.stream()
            .filter(command -> !FOR_ALL.contains(command.getKey()))
            .filter(command -> command.getKey().equals(first(arguments)))
            .toList();
    return found.isEmpty() ? COMMANDS : found;
  }

  /** The names of all commands. */
  static List<String> names() {
    return COMMANDS.stream().map(Map.Entry::getKey).toList();
  }

  /** The first argument that is no option and no value of one. */
  private static String first(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals("-i") || argument.equals("--inventory")) {
        i++;
      } else if (!argument.startsWith("-")) {
        return argument;
      }
    }
    return "";
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
        secrets,
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
    Problem told = problem.without(secrets);
    terminal.print(told);
    if (stacktrace) {
      told.printStackTrace(terminal.err());
    }
    return told.exit().code();
  }

  private static Map<String, String> exits() {
    Map<String, String> result = new LinkedHashMap<>();
    for (Exit exit : Exit.values()) {
      result.put(String.valueOf(exit.code()), exit.meaning());
    }
    return Collections.unmodifiableMap(result);
  }
}
