package org.pgrunbook.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.journal.JsonLines;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.runbook.Answers;

/**
 * How a run is told as long as this is open: narrated for a person, who also hears when nothing
 * happens for long, or as JSON lines.
 *
 * @param listener hears the run
 * @param answers around what asks the person
 * @param pulse what says that it still works
 */
record Telling(Listener listener, UnaryOperator<Answers> answers, Optional<Thread> pulse)
    implements AutoCloseable {
  private static final Duration BEAT = Duration.ofSeconds(1);

  static Telling json(Terminal terminal) {
    return new Telling(
        new JsonLines(line -> terminal.out().println(line)),
        UnaryOperator.identity(),
        Optional.empty());
  }

  static Telling narrated(Terminal terminal, Narration.Detail detail, Time time) {
    Narration narration = new Narration(terminal, detail);
    UnaryOperator<Answers> quiet =
        answers ->
            (question, name) -> {
              narration.asking(true);
              try {
                return answers.confirm(question, name);
              } finally {
                narration.asking(false);
              }
            };
    Thread pulse = Thread.startVirtualThread(() -> beat(narration, time));
    return new Telling(narration, quiet, Optional.of(pulse));
  }

  private static void beat(Narration narration, Time time) {
    try {
      while (true) {
        time.sleep(BEAT);
        narration.stillWorking(time.now());
      }
    } catch (Problem e) {
      // Interrupted: the run is over.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    pulse.ifPresent(Thread::interrupt);
  }
}
