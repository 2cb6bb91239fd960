package org.pgrunbook.cli;

import org.pgrunbook.sandbox.Sandbox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook demo}: the whole story on a cluster of its own, in a minute. */
@Command(
    name = "demo",
    description =
        "Back up a real cluster, restore it to a point in time and fail it over, on this machine.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Runnable {
  @ParentCommand private Main main;

  @Option(
      names = "--postgres",
      paramLabel = "MAJOR",
      defaultValue = "18",
      description = "Version of PostgreSQL, 15 to 18. Default: ${DEFAULT-VALUE}.")
  private int major;

  @Override
  public void run() {
    Sandbox sandbox = main.sandbox(progress -> {});
    Interrupts.during(
        () -> {
          new Demo(main, sandbox, major).tell();
          return null;
        });
  }
}
