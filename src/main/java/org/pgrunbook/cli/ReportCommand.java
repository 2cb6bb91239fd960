package org.pgrunbook.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.journal.PastRun;
import org.pgrunbook.report.Account;
import org.pgrunbook.report.Markdown;
import org.pgrunbook.report.Page;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook report}: a run for those who were not there. */
@Command(
    name = "report",
    description = {
      "Write a report of a run: its timeline, what it said, what it changed, why it failed.",
      "As Markdown, unless --html or the name of FILE says otherwise."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ReportCommand implements Runnable {
  @ParentCommand private Main main;

  @Parameters(paramLabel = "RUN", description = "An id, a unique prefix of one, or \"last\".")
  private String run;

  @ArgGroup private Form form;

  /** One or the other. */
  private static final class Form {
    @Option(
        names = "--html",
        description = "One page that needs nothing else, with the timeline drawn.")
    private boolean html;

    @Option(names = "--markdown", description = "Markdown, for a post-mortem. The default.")
    private boolean markdown;
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write it there. One that ends in .html is a page.")
  private Path output;

  @Override
  public void run() {
    PastRun past = PastRun.find(main.state(), run);
    Account account =
        Account.of(past, past.before(main.state()), past.after(main.state()), Time.system().now());
    String report = isPage() ? Page.of(account) : Markdown.of(account);
    if (output == null) {
      main.terminal.out().print(report);
    } else {
      write(report);
      main.terminal.out().println("report of run " + past.id() + " is in " + output);
    }
    main.terminal.out().flush();
  }

  private boolean isPage() {
    if (form != null && form.markdown) {
      return false;
    }
    boolean named =
        output != null && output.toString().toLowerCase(Locale.ROOT).matches(".*\\.html?");
    return named || (form != null && form.html);
  }

  private void write(String report) {
    try {
      Files.writeString(main.terminal.folder().resolve(output), report);
    } catch (IOException e) {
      throw Problem.usage("cannot write \"" + output + "\"")
          .hint("Give a file in a folder that is there and is yours.")
          .because(e);
    }
  }
}
