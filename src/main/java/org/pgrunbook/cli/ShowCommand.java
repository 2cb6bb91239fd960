package org.pgrunbook.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;
import org.pgrunbook.runbook.Compiler;
import org.pgrunbook.runbook.Parameter;
import org.pgrunbook.runbook.Signature;
import org.pgrunbook.runbook.Source;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook show}: what a runbook does, takes and goes through, without executing it. */
@Command(
    name = "show",
    description = "Show what a runbook does, its parameters and its steps.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Runnable {
  @ParentCommand private Main main;

  @Parameters(paramLabel = "RUNBOOK", description = "A name such as backup/base-backup, or a path.")
  private String runbook;

  @Override
  public void run() {
    Source source = main.library().find(runbook);
    Signature signature = new Compiler().signature(source);
    PrintWriter out = main.terminal.out();
    out.println(source.help());
    out.println();
    out.println(
        "Usage: pgrunbook run "
            + source.name()
            + signature.target().map(target -> " " + placeholder(target)).orElse("")
            + signature.options().stream().map(ShowCommand::usage).collect(Collectors.joining()));
    if (!signature.options().isEmpty()) {
      out.println();
      main.terminal.table(
          List.of("PARAMETER", "TYPE", "DEFAULT", "MEANING"),
          signature.options().stream()
              .map(p -> List.of(p.name(), p.type(), p.defaultText().orElse("-"), p.help()))
              .toList());
    }
    out.println();
    out.println("Steps:");
    int number = 0;
    for (String step : signature.steps()) {
      out.println("  " + ++number + ". " + step);
    }
    out.println();
    out.println("Source: " + source.file());
    out.flush();
  }

  private static String placeholder(Parameter target) {
    return target.type().equals("Node") ? "CLUSTER/NODE" : "CLUSTER";
  }

  private static String usage(Parameter parameter) {
    String text =
        "-p " + parameter.name() + "=" + parameter.type().toUpperCase(java.util.Locale.ROOT);
    return parameter.required() ? " " + text : " [" + text + "]";
  }
}
