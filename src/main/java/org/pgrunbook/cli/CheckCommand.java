package org.pgrunbook.cli;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.pgrunbook.Exit;
import org.pgrunbook.runbook.CompiledCache;
import org.pgrunbook.runbook.Compiler;
import org.pgrunbook.runbook.Source;
import picocli.CommandLine.Command;
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

  @Override
  public Integer call() {
    Collection<Source> sources =
        runbooks.isEmpty()
            ? main.library().all().values()
            : runbooks.stream().map(main.library()::find).toList();
    Compiler compiler = new Compiler(CompiledCache.of(main.state()));
    int mistakes = 0;
    for (Source source : sources) {
      for (Compiler.Mistake mistake : compiler.check(source)) {
        main.terminal.err().println(mistake.place() + " " + mistake.message());
        mistakes++;
      }
    }
    main.terminal.err().flush();
    main.terminal
        .out()
        .println(plural(sources.size(), "runbook") + " checked, " + plural(mistakes, "mistake"));
    return (mistakes == 0 ? Exit.DONE : Exit.USAGE).code();
  }

  private static String plural(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
