package org.pgrunbook.journal;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;

/**
 * What can happen in a run. Each is a record of plain values, so that it can be written down and
 * read again.
 */
public sealed interface Event {

  /** Whether this must be on the disk before the run goes on. */
  default boolean durable() {
    return false;
  }

  /**
   * A run begins: who started what, where, from which sources.
   *
   * @param kind what kind of run
   * @param continues the run that it goes on from, or takes back; null if none
   */
  record Started(
      String run,
      String runbook,
      String target,
      Map<String, String> parameters,
      String user,
      String host,
      long pid,
      List<String> arguments,
      String runbookDigest,
      String inventoryDigest,
      String revision,
      String version,
      Kind kind,
      String continues)
      implements Event {
    /** What kind of run. */
    public enum Kind {
      RUN,
      /** Changes are only described. */
      DRY_RUN,
      /** It goes on where another was ended. */
      RESUME,
      /** It takes back what another has done. */
      UNDO;

      /** {@code dry run}. */
      public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
      }
    }

    @Override
    public boolean durable() {
      return true;
    }
  }

  /** A step begins. */
  record StepStarted(String step) implements Event {}

  /** A step has ended; {@code value} is what it returned and {@code type} how to read it. */
  record StepEnded(
      String step, Outcome outcome, Duration took, Object value, String type, String error)
      implements Event {
    @Override
    public boolean durable() {
      return true;
    }
  }

  /** A step was not done again: the run that this one goes on from has done it. */
  record StepReused(String step, String why, Object value, String type) implements Event {
    @Override
    public boolean durable() {
      return true;
    }
  }

  /** Something that was asked once, and stays so for the run. */
  record Remembered(String key, Object value, String type) implements Event {}

  /** The run uses these parts of the inventory; each has a digest. */
  record Used(Map<String, String> parts) implements Event {}

  /** An operation is about to be carried out: for a change this is the intent. */
  record OperationStarted(long id, Operation operation) implements Event {
    @Override
    public boolean durable() {
      return operation.change();
    }
  }

  /** An operation has moved data: so far, and what is expected in all (0: unknown). */
  record Moved(long id, long bytes, long expected) implements Event {}

  /**
   * A command has written a line, told while it runs.
   *
   * @param id the operation
   * @param node on which host
   * @param line without its end
   */
  record Wrote(long id, String node, Stream stream, String line) implements Event {
    /** Where to. */
    public enum Stream {
      STDOUT,
      STDERR
    }
  }

  /**
   * So much of a step's work is done, in bytes. A step tells it where the bytes that travel do not:
   * a backup's are compressed.
   */
  record Progressed(long done, long total) implements Event {}

  /**
   * An operation has ended, with the figures of its outcome: {@code rows}, {@code exit}, {@code
   * bytes}.
   */
  record OperationEnded(
      long id,
      Operation operation,
      Outcome outcome,
      Duration took,
      Map<String, Object> result,
      String error)
      implements Event {
    @Override
    public boolean durable() {
      return operation.change();
    }
  }

  /** A remark or a warning. */
  record Said(Level level, String text) implements Event {
    /** How loud. */
    public enum Level {
      NOTE,
      WARNING
    }
  }

  /** What a real run would do that is no operation, such as {@code ask "Promote pg2?"}. */
  record Would(String text) implements Event {}

  /**
   * What a dry run has come to.
   *
   * @param changes what a real run would change, in order
   * @param unforeseen what could not be foreseen, each with its reason
   */
  record Forecast(List<Dry.Change> changes, List<String> unforeseen) implements Event {}

  /** A table was shown. */
  record Tabled(List<String> columns, List<List<Object>> rows) implements Event {}

  /** There is a way back now: what {@code undo} was told, before the step that it takes back. */
  record Undoable(String undo) implements Event {}

  /** Something has to happen at the end of the run, in any case: what {@code always} was told. */
  record Always(String what) implements Event {}

  /** A question was put to a person, or answered beforehand by a flag. */
  record Confirmed(String question, boolean agreed, String how) implements Event {
    @Override
    public boolean durable() {
      return true;
    }
  }

  /** A lock was taken; null for the repository: only on this machine. */
  record Locked(String lock, String repository) implements Event {}

  /** A lock was given back. */
  record Unlocked(String lock) implements Event {}

  /** From here on the way back is closed; what came before is no longer undone. */
  record PointOfNoReturn() implements Event {
    @Override
    public boolean durable() {
      return true;
    }
  }

  /** A measured figure, such as the seconds without writes. */
  record Measured(String name, Object value) implements Event {}

  /**
   * The run has ended.
   *
   * @param error why, unless it is done; null if it is
   * @param hints what was said to try next
   * @param where the line and the step in which it failed, innermost first; null if nowhere
   * @param state what state things were left in; null if nobody looked
   */
  record Ended(
      String exit,
      int code,
      Duration took,
      String error,
      List<String> hints,
      String where,
      String state)
      implements Event {

    /** The end of a run that is done, or came upon a problem. */
    public static Ended with(Exit exit, Duration took, Optional<Problem> problem) {
      return new Ended(
          exit.name().toLowerCase(Locale.ROOT),
          exit.code(),
          took,
          problem.map(Problem::fact).orElse(null),
          problem.map(Problem::hints).orElse(List.of()),
          problem.flatMap(Problem::where).orElse(null),
          problem.flatMap(Problem::state).orElse(null));
    }

    @Override
    public boolean durable() {
      return true;
    }
  }

  /** How a step or an operation ended. */
  enum Outcome {
    DONE,
    FAILED,
    /** A dry run has only said what it would be. */
    DESCRIBED,
    /** It failed in a dry run, because of what a described change would have changed. */
    UNFORESEEN
  }
}
