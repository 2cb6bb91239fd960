package org.pgrunbook.cli;

import java.util.List;
import java.util.Map;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.PastRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook runs}: what was run. */
@Command(
    name = "runs",
    description = "List past and present runs.",
    mixinStandardHelpOptions = true)
final class RunsCommand implements Runnable {
  @ParentCommand private Main main;

  @Option(names = "-n", description = "How many, the newest first. Default: ${DEFAULT-VALUE}.")
  private int limit = 20;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public void run() {
    if (limit < 1) {
      throw Problem.usage("-n " + limit + " is no number of runs").hint("Give 1 or more.");
    }
    List<Row> rows = PastRun.newest(main.state(), limit).stream().map(Row::of).toList();
    main.terminal.rows(rows, Row.class, json);
  }

  /** A run in the list. */
  record Row(
      String run,
      String kind,
      String runbook,
      String target,
      String user,
      String outcome,
      Double seconds) {
    static Row of(PastRun run) {
      Map<String, Object> start = run.event("started").orElse(Map.of());
      Object took = run.event("ended").map(end -> end.get("took")).orElse(null);
      return new Row(
          run.id(),
          run.kind() + run.continues().map(id -> " of " + id).orElse(""),
          String.valueOf(start.get("runbook")),
          String.valueOf(start.get("target")),
          String.valueOf(start.get("user")),
          run.outcome(),
          took instanceof Number seconds ? Math.round(seconds.doubleValue() * 10) / 10.0 : null);
    }
  }
}
