package org.pgrunbook.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.pgrunbook.runbook.CompiledCache;
import org.pgrunbook.runbook.Compiler;
import org.pgrunbook.runbook.Outline;
import org.pgrunbook.runbook.Parameter;
import org.pgrunbook.runbook.Signature;
import org.pgrunbook.runbook.Source;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code pgrunbook show}: what a runbook does, takes, goes through and may change, without
 * executing it.
 */
@Command(
    name = "show",
    description = "Show what a runbook does: its parameters, its steps and what they may change.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Runnable {
  @ParentCommand private Main main;

  @Parameters(paramLabel = "RUNBOOK", description = "A name such as backup/base-backup, or a path.")
  private String runbook;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** All of it, for programs. */
  record Row(
      String runbook,
      String summary,
      String help,
      String file,
      List<Parameter> parameters,
      List<Line> outline) {}

  /** A line of the outline, for programs. */
  record Line(String kind, String text, int depth, int line, List<String> changes) {
    static Line of(Outline.Item item) {
      return new Line(
          item.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
          item.text(),
          item.depth(),
          item.span().line(),
          item.changes());
    }
  }

  @Override
  public void run() {
    Source source = main.library().find(runbook);
    Compiler compiler = new Compiler(CompiledCache.of(main.state()));
    Signature signature = compiler.signature(source);
    Outline outline = compiler.outline(source);
    if (json) {
      main.terminal.json(
          new Row(
              source.name(),
              source.summary(),
              source.help(),
              source.file().toString(),
              signature.parameters(),
              outline.items().stream().map(Line::of).toList()));
      return;
    }
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
          List.of("PARAMETER", "TYPE", "DEFAULT", "RANGE", "MEANING"),
          signature.options().stream().map(ShowCommand::cells).toList());
    }
    out.println();
    steps(outline, out);
    out.println();
    out.println(changes(outline));
    out.println("Source: " + source.file());
    out.flush();
  }

  private static List<String> cells(Parameter parameter) {
    String range = parameter.range();
    return List.of(
        parameter.name(),
        parameter.type(),
        parameter.defaultText().orElse("-"),
        range.isEmpty() ? "-" : range,
        parameter.help());
  }

  private static void steps(Outline outline, PrintWriter out) {
    out.println("Steps:");
    int number = 0;
    for (Outline.Item item : outline.items()) {
      String indent = "  ".repeat(item.depth() + 1);
      String what =
          switch (item.kind()) {
            case STEP -> item.depth() == 0 ? ++number + ". " + item.text() : "- " + item.text();
            case CONFIRM -> "   asks: " + item.text();
            case POINT_OF_NO_RETURN -> "   point of no return";
            case UNDO -> "   if a later step fails: " + item.text();
            case ALWAYS -> "   in the end, in any case: " + item.text();
          };
      String changes =
          item.changes().isEmpty() ? "" : "  [changes: " + String.join(", ", item.changes()) + "]";
      out.println(indent + what + changes);
    }
  }

  private static String changes(Outline outline) {
    List<String> verbs =
        outline.items().stream().flatMap(item -> item.changes().stream()).distinct().toList();
    return verbs.isEmpty()
        ? "It changes nothing."
        : "It may change something by " + String.join(", ", verbs) + ".";
  }

  private static String placeholder(Parameter target) {
    return target.type().equals("Node") ? "CLUSTER/NODE" : "CLUSTER";
  }

  private static String usage(Parameter parameter) {
    String text = "-p " + parameter.name() + "=" + parameter.type().toUpperCase(Locale.ROOT);
    return parameter.required() ? " " + text : " [" + text + "]";
  }
}
