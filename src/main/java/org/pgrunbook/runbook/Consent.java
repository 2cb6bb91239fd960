package org.pgrunbook.runbook;

import java.util.Optional;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Run;

/** Asks whether a run may go on, and journals what was answered. */
final class Consent {
  private final Answers answers;
  private final Run run;
  private volatile boolean declined;

  Consent(Answers answers, Run run) {
    this.answers = answers;
    this.run = run;
  }

  /**
   * Asks.
   *
   * @throws Problem with exit 3 unless somebody agrees
   */
  void ask(String question, Optional<String> name) {
    try {
      ask(answers, question, name, run);
    } catch (Problem e) {
      declined = e.exit() == Exit.REFUSED;
      throw e;
    }
  }

  /** Whether nobody agreed to go on. */
  boolean isDeclined() {
    return declined;
  }

  static void ask(Answers person, String question, Optional<String> name, Run run) {
    Answers.Answer answer = person.confirm(question, name);
    run.journal().tell(new Event.Confirmed(question, answer.agreed(), answer.how()));
    if (!answer.agreed()) {
      throw Problem.refused("not confirmed: " + question);
    }
  }
}
