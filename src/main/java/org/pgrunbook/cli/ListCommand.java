package org.pgrunbook.cli;

import java.util.List;
import org.pgrunbook.runbook.Source;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook list}: which runbooks there are. */
@Command(name = "list", description = "List the runbooks.", mixinStandardHelpOptions = true)
final class ListCommand implements Runnable {
  @ParentCommand private Main main;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public void run() {
    List<Row> rows = main.library().all().values().stream().map(Row::of).toList();
    main.terminal.rows(rows, Row.class, json);
  }

  /** A runbook in the list. */
  record Row(String runbook, String summary) {
    static Row of(Source source) {
      return new Row(source.name(), source.summary());
    }
  }
}
