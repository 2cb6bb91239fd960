package org.pgrunbook.cli;

import org.pgrunbook.sandbox.Sandbox;
import org.pgrunbook.sandbox.SandboxStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook sandbox}: a cluster to practise on, on this machine. */
@Command(
    name = "sandbox",
    description =
        "A cluster to practise on: a primary, two standbys, a spare host and an S3 server.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(up | down | status | inventory | kill NODE)")
final class SandboxCommand implements Runnable {
  @ParentCommand private Main main;

  @picocli.CommandLine.Spec private picocli.CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(main.terminal.out());
  }

  private Sandbox sandbox() {
    return main.sandbox(main.terminal.err()::println);
  }

  @Command(description = "Start it.", mixinStandardHelpOptions = true)
  void up(
      @Option(
              names = "--postgres",
              paramLabel = "MAJOR",
              defaultValue = "18",
              description = "Version of PostgreSQL, 15 to 18. Default: ${DEFAULT-VALUE}.")
          int major) {
    Sandbox sandbox = sandbox();
    sandbox.up(major);
    main.terminal.out().println("the sandbox is up; try");
    main.terminal.out().println("  export PGRUNBOOK_INVENTORY=" + sandbox.inventory());
    main.terminal.out().println("  pgrunbook status demo");
    main.terminal.out().flush();
  }

  @Command(description = "Stop it and remove all of it.", mixinStandardHelpOptions = true)
  void down() {
    main.terminal.out().println(sandbox().down() ? "the sandbox is gone" : "there is no sandbox");
    main.terminal.out().flush();
  }

  @Command(description = "Show what runs.", mixinStandardHelpOptions = true)
  void status(@Option(names = "--json", description = "Print JSON lines.") boolean json) {
    SandboxStatus status = sandbox().status();
    main.terminal.rows(status.nodes(), SandboxStatus.Node.class, json);
  }

  @Command(description = "Print the path of its inventory.", mixinStandardHelpOptions = true)
  void inventory() {
    main.terminal.out().println(sandbox().inventory());
    main.terminal.out().flush();
  }

  @Command(description = "Kill a node's server with signal 9.", mixinStandardHelpOptions = true)
  void kill(@Parameters(paramLabel = "NODE") String node) {
    sandbox().kill(node);
    main.terminal.out().println("the server of " + node + " is dead");
    main.terminal.out().flush();
  }
}
