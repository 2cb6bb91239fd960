package org.pgrunbook.inventory;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.pgrunbook.Durations;
import org.pgrunbook.LocalProgram;
import org.pgrunbook.Problem;

/**
 * A command that prints a secret. What it says on its standard error may be shown, what it prints
 * never.
 */
record SecretCommand(String command, Duration limit) {
  private static final int LONGEST_COMPLAINT = 500;

  String output() {
    LocalProgram ended = run();
    if (ended.exit() != 0) {
      String said = ended.stderr().strip();
      throw Problem.usage(
              subject()
                  + " failed with exit status "
                  + ended.exit()
                  + (said.isEmpty() ? "" : ": " + tail(said)))
          .hint("Run it by hand as the user who runs pgrunbook.");
    }
    return ended.stdout();
  }

  private LocalProgram run() {
    try {
      return LocalProgram.run(List.of("sh", "-c", command), limit);
    } catch (TimeoutException e) {
      throw Problem.usage(subject() + " did not end within " + Durations.show(limit))
          .hint("Run it by hand: it must not ask for anything.");
    } catch (IOException e) {
      throw Problem.usage(subject() + " cannot be started").because(e);
    }
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - LONGEST_COMPLAINT));
  }

  private String subject() {
    return "secret command \"" + command + "\"";
  }
}
