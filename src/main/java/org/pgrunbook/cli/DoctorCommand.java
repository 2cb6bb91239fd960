package org.pgrunbook.cli;

import java.util.concurrent.Callable;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Listener;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code pgrunbook doctor}: what is wrong with clusters, and what is fine. It runs the runbook
 * health/daily-checklist. Something critical is a failure (1).
 *
 * <p>With {@code --monitor} it is a plugin of Nagios and its kin: one line with figures, and their
 * exit status in place of ours: 0 for ok, 1 for a warning, 2 for critical, 3 for unknown.
 *
 * @see <a href="https://www.monitoring-plugins.org/doc/guidelines.html">Monitoring plugins
 *     development guidelines</a>
 */
@Command(
    name = "doctor",
    description = "Check clusters: what is wrong, and what is fine.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private static final String RUNBOOK = "health/daily-checklist";

  @ParentCommand private Main main;

  @Parameters(arity = "0..1", paramLabel = "CLUSTER", description = "All clusters unless given.")
  private String target;

  @Option(names = "--json", description = "Print JSON lines, and nothing else, on standard output.")
  private boolean json;

  @Option(
      names = "--monitor",
      description =
          "Print one line with figures for a monitoring system, and end with 0 (ok), 1 (warning), 2"
              + " (critical) or 3 (unknown).")
  private boolean monitor;

  @Override
  public Integer call() {
    if (json && monitor) {
      throw Problem.usage("--json and --monitor are two forms of the same").hint("Give one.");
    }
    return Interrupts.during(() -> monitor ? watch() : show());
  }

  private int show() {
    Listener listener =
        json
            ? new DoctorLines(line -> main.terminal.out().println(line))
            : new Essence(main.terminal);
    int status = inspection().show(main.terminal, main.state(), listener);
    main.terminal.out().flush();
    return status;
  }

  /** Whatever happens, a monitoring system reads one line and a status of its own. */
  private int watch() {
    MonitorLine line = new MonitorLine();
    try {
      inspection()
          .each(
              main.terminal,
              main.state(),
              line,
              result -> result.problem().ifPresent(line::failed));
    } catch (Problem e) {
      line.failed(e);
    }
    main.terminal.out().println(line.text());
    main.terminal.out().flush();
    return line.status();
  }

  private Inspection inspection() {
    return new Inspection(main, RUNBOOK, target);
  }
}
