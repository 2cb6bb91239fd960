package org.pgrunbook.ssh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.pgrunbook.Durations;
import org.pgrunbook.LocalProgram;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Meter;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Run;

/** The machine that pgrunbook runs on, for commands that are no business of a host. */
public final class ThisMachine {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final Run run;

  /** Its commands are journalled under a name. */
  public ThisMachine(String name, Run run) {
    this.name = name;
    this.run = run;
  }

  /**
   * Runs a command, a probe or a change as it was made, within 60 s unless it says otherwise. It
   * reads nothing; what it writes is told when it has ended. In a dry run a change returns exit
   * status 0 and no output.
   *
   * @throws Problem with exit 1 if it ends with a status that it does not accept, or takes too long
   */
  public Output run(Command command) {
    var operation = new Operation(Operation.Wire.LOCAL, name, command.text(), command.changes());
    return command.changes()
        ? run.means().change(operation, Output.NONE, meter -> perform(command, meter))
        : run.means().probe(operation, meter -> perform(command, meter));
  }

  private static Output perform(Command command, Meter meter) throws IOException {
    Duration limit = command.limit().orElse(LIMIT);
    try {
      LocalProgram ended = LocalProgram.run(command.argv(), limit);
      meter.result("exit", ended.exit());
      if (command.told()) {
        ended.stdout().lines().forEach(line -> meter.wrote(Event.Wrote.Stream.STDOUT, line));
        ended.stderr().lines().forEach(line -> meter.wrote(Event.Wrote.Stream.STDERR, line));
      }
      if (!command.accepted().contains(ended.exit())) {
        String complaint = ended.stderr().strip();
        throw Problem.failed(
            command.brief()
                + " ended with exit status "
                + ended.exit()
                + (complaint.isEmpty() ? "" : ": " + complaint));
      }
      return new Output(
          ended.exit(), ended.stdout().getBytes(StandardCharsets.UTF_8), ended.stderr());
    } catch (TimeoutException e) {
      throw Problem.failed(
              "%s has not ended within %s, and was killed"
                  .formatted(command.brief(), Durations.show(limit)))
          .because(e);
    }
  }
}
