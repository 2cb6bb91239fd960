package org.pgrunbook.runbook;

import java.util.Optional;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.JsonReader;
import org.pgrunbook.journal.Revival;
import org.pgrunbook.journal.Run;

/** Answers steps from what the journals of an earlier run have kept of them. */
final class Recall {
  /** The earlier run came no further. */
  static final class End extends RuntimeException {
    private static final long serialVersionUID = 1;

    End() {
      super("the run before came no further", null, false, false);
    }
  }

  private final Run run;
  private final Past past;
  private final Revival revival;
  private final boolean only;

  /**
   * What an earlier run has done.
   *
   * @param only whether nothing is done anew: the procedure is only gone through as far as it came
   */
  Recall(Run run, Past past, JsonReader.Names names, boolean only) {
    this.run = run;
    this.past = past;
    this.revival = new Revival(names);
    this.only = only;
  }

  Revival revival() {
    return revival;
  }

  /** Whether nothing is done anew. */
  boolean isOnly() {
    return only;
  }

  /**
   * Whether an undo is none any more: it has been done, or the run went past the point of no return
   * since, be it in a step that did not end.
   */
  boolean isGone(String undo) {
    return past.isClosed(undo) || (only && past.isUndone(undo));
  }

  /** Whether nothing is done anew, and what has to happen in any case has happened. */
  boolean isFinished(String always) {
    return only && past.isFinished(always);
  }

  /** Whether a step has gone past the point of no return. */
  boolean isIrreversible(String path) {
    return past.isIrreversible(path);
  }

  /**
   * What a step has returned, if it need not be done again.
   *
   * @throws End if nothing is to be done anew and the step had not ended
   */
  Optional<Past.Kept> step(String path) {
    Optional<Past.Kept> completed = past.completed(path);
    if (only) {
      return Optional.of(completed.orElseThrow(End::new));
    }
    return completed.filter(kept -> past.reason(path).isPresent());
  }

  /** The value of such a step; tells that it is not done again, and why. */
  Object reuse(String path, Past.Kept kept, Undo undo) {
    Object value = revival.revive(kept.type(), kept.value());
    run.journal()
        .tell(
            new Event.StepReused(
                path, past.reason(path).orElse("it had ended"), value, kept.type()));
    if (past.isIrreversible(path)) {
      undo.forget();
      run.journal().tell(new Event.PointOfNoReturn());
    }
    return value;
  }

  /** Tells why a step is done although it was begun before. */
  void tellWhyAgain(String path) {
    past.whyAgain(path).ifPresent(why -> run.journal().note("again: " + why));
  }
}
