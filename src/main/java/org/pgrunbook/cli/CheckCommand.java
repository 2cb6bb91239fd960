package org.pgrunbook.cli;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.pgrunbook.Exit;
import org.pgrunbook.runbook.CompiledCache;
import org.pgrunbook.runbook.Compiler;
import org.pgrunbook.runbook.Mistake;
import org.pgrunbook.runbook.Rule;
import org.pgrunbook.runbook.Source;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook check}: every mistake of runbooks, found without running them. */
@Command(
    name = "check",
    description = "Find the mistakes of runbooks without running them.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      arity = "0..*",
      paramLabel = "RUNBOOK",
      description = "Names or paths; all unless given.")
  private List<String> runbooks = List.of();

  @Option(
      names = "--json",
      description = "Print a JSON line for each mistake, and one of kind checked in the end.")
  private boolean json;

  /** A mistake, for programs. */
  record Line(
      String kind,
      String file,
      int line,
      int column,
      String rule,
      String message,
      String hint,
      String page,
      boolean forbidsRunning) {
    static Line of(Mistake mistake) {
      Rule rule = mistake.rule();
      return new Line(
          "mistake",
          mistake.file(),
          mistake.line(),
          mistake.column(),
          rule.id(),
          mistake.fact(),
          rule.hint(),
          rule.page(),
          rule.forbidsRunning());
    }
  }

  /** What is said in the end, for programs. */
  record Checked(String kind, int runbooks, int mistakes) {}

  @Override
  public Integer call() {
    Collection<Source> sources =
        runbooks.isEmpty()
            ? main.library().all().values()
            : runbooks.stream().map(main.library()::find).toList();
    Compiler compiler = new Compiler(CompiledCache.of(main.state()));
    int mistakes = 0;
    for (Source source : sources) {
      for (Mistake mistake : compiler.check(source)) {
        tell(mistake);
        mistakes++;
      }
    }
    main.terminal.err().flush();
    if (json) {
      main.terminal.json(new Checked("checked", sources.size(), mistakes));
    } else {
      main.terminal
          .out()
          .println(plural(sources.size(), "runbook") + " checked, " + plural(mistakes, "mistake"));
    }
    return (mistakes == 0 ? Exit.DONE : Exit.USAGE).code();
  }

  private void tell(Mistake mistake) {
    if (json) {
      main.terminal.json(Line.of(mistake));
    } else {
      main.terminal.err().println(mistake.place() + " " + mistake.message());
    }
  }

  private static String plural(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
