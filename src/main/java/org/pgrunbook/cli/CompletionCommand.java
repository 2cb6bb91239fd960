package org.pgrunbook.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.backup.Checking;
import org.pgrunbook.backup.CopyFrom;
import org.pgrunbook.backup.Existing;
import org.pgrunbook.diagnosis.PreparedTransactions;
import org.pgrunbook.diagnosis.Severity;
import org.pgrunbook.replication.SyncMethod;
import org.pgrunbook.replication.Way;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code pgrunbook completion}: a script with which the shell completes commands, options,
 * runbooks, clusters, nodes, parameters and runs, or an editor the words of a runbook. The commands
 * are written into that of a shell; the rest it looks up by itself, because a Java that starts on
 * each TAB would be felt.
 */
@Command(
    name = "completion",
    description = {
      "Print what lets a shell complete command lines, or an editor runbooks:",
      "  source <(pgrunbook completion bash)",
      "  pgrunbook completion intellij > runbooks/pgrunbook.gdsl"
    },
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Runnable {
  /** The enums that parameters of the shipped runbooks have. */
  private static final List<Class<?>> ENUMS =
      List.of(
          Severity.class,
          CopyFrom.class,
          Checking.class,
          Existing.class,
          SyncMethod.class,
          Way.class,
          PreparedTransactions.Outcome.class);

  /** What there is a script for. */
  enum Completing {
    BASH("completion.bash"),
    ZSH("completion.bash"),
    INTELLIJ("runbooks.gdsl");

    private final String script;

    Completing(String script) {
      this.script = script;
    }
  }

  @ParentCommand private Main main;

  @Parameters(paramLabel = "PROGRAM", description = "bash, zsh or intellij.")
  private Completing program;

  @Override
  public void run() {
    CommandSpec root = main.spec;
    Map<String, CommandSpec> commands = new TreeMap<>();
    root.subcommands().forEach((name, line) -> commands.put(name, line.getCommandSpec()));
    String before =
        program == Completing.ZSH ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
    main.terminal
        .out()
        .print(
            before
                + template()
                    .replace("@HOME@", main.terminal.home().toString().replace("'", "'\\''"))
                    .replace(
                        "@OPTIONS@", cases(commands, CompletionCommand::options, options(root)))
                    .replace(
                        "@TAKES@",
                        cases(
                            commands,
                            CompletionCommand::takes,
                            "echo '" + String.join(" ", commands.keySet()) + "'"))
                    .replace("@VALUES@", values(commands))
                    .replace("@CONSTANTS@", constants()));
    main.terminal.out().flush();
  }

  private static String cases(
      Map<String, CommandSpec> commands, Function<CommandSpec, String> of, String otherwise) {
    return Stream.concat(
            commands.entrySet().stream()
                .map(command -> command.getKey() + ") " + of.apply(command.getValue()) + " ;;"),
            Stream.of("'') " + otherwise + " ;;"))
        .map(line -> "        " + line)
        .collect(Collectors.joining("\n"));
  }

  private static String options(CommandSpec command) {
    return "echo '"
        + command.options().stream()
            .filter(option -> !option.hidden())
            .flatMap(option -> Stream.of(option.names()))
            .collect(Collectors.joining(" "))
        + "'";
  }

  private static String takes(CommandSpec command) {
    Stream<String> words =
        command.userObject() instanceof CommandLine.HelpCommand
            ? command.parent().subcommands().keySet().stream()
            : Stream.concat(
                command.subcommands().keySet().stream(),
                command.positionalParameters().stream().map(CompletionCommand::words));
    return "echo '" + words.collect(Collectors.joining(" ")) + "'";
  }

  private static String words(PositionalParamSpec parameter) {
    if (parameter.type().isEnum()) {
      return words(parameter.type());
    }
    return parameter.paramLabel() + (parameter.arity().max() > 1 ? "..." : "");
  }

  private static String words(Class<?> type) {
    return Stream.of(type.getEnumConstants())
        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(" "));
  }

  private static String constants() {
    return ENUMS.stream()
        .map(
            type ->
                "        %s) echo '%s' ;;"
                    .formatted(type.getCanonicalName().replaceFirst("^[a-z.]*", ""), words(type)))
        .collect(Collectors.joining("\n"));
  }

  private static String values(Map<String, CommandSpec> commands) {
    List<String> patterns =
        commands.entrySet().stream()
            .flatMap(
                command ->
                    command.getValue().options().stream()
                        .filter(option -> option.arity().min() > 0)
                        .flatMap(option -> Stream.of(option.names()))
                        .map(name -> "'" + command.getKey() + " " + name + "'"))
            .toList();
    return "        " + String.join(" | ", patterns) + ") return 0 ;;";
  }

  private String template() {
    try (InputStream script = CompletionCommand.class.getResourceAsStream(program.script)) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
