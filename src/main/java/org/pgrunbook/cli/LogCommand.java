package org.pgrunbook.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.PastRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook log}: what a run did. */
@Command(
    name = "log",
    description = "Show what a run did: its steps, what they said, changed and failed at.",
    mixinStandardHelpOptions = true)
final class LogCommand implements Runnable {
  @ParentCommand private Main main;

  @Parameters(paramLabel = "RUN", description = "An id, a unique prefix of one, or \"last\".")
  private String run;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show every operation, and every text in full.")
  private boolean verbose;

  @Option(names = "--json", description = "Print the journal's JSON lines as they are.")
  private boolean json;

  @Override
  public void run() {
    PastRun past = PastRun.find(main.state(), run);
    PrintWriter out = main.terminal.out();
    Log log = new Log(past, verbose, main.terminal.width());
    for (Map<String, Object> entry : past.entries()) {
      if (json) {
        out.println(Json.line(entry));
      } else if (log.tells(entry)) {
        out.println(log.line(entry));
      }
    }
    if (!json && past.event("ended").isEmpty() && past.outcome().equals("interrupted")) {
      out.println("interrupted: its process ended without a word");
    }
    out.flush();
  }
}
