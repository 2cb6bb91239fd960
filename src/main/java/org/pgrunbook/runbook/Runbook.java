package org.pgrunbook.runbook;

import groovy.lang.Closure;
import groovy.lang.Script;
import groovy.transform.stc.ClosureParams;
import groovy.transform.stc.FirstParam;
import groovy.transform.stc.SimpleType;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Named;
import org.pgrunbook.postgres.Lock;
import org.pgrunbook.store.Store;

/**
 * The words that every runbook is written in. A runbook is the body of a subclass of this; each
 * public method is a word.
 */
public abstract class Runbook extends Script {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int HOSTS_AT_ONCE = 10;

  private Execution execution;

  final void begin(Execution with) {
    execution = with;
  }

  /**
   * Does one part of the procedure and returns what its body returns.
   *
   * <p>The value is journalled, so it has to be text, a number, a boolean, an instant, a duration,
   * a size, an LSN, a node, or a record, list or map of these. A step is known by its name within
   * its parents; a name that is there twice is an error.
   */
  public <T> T step(String name, Closure<T> body) {
    return execution.step(name, body);
  }

  /**
   * Does something for every item at once, ten at a time; see {@link #parallel(Collection, int,
   * Closure)}.
   */
  public <T, R> List<R> parallel(
      Collection<T> items, @ClosureParams(FirstParam.FirstGenericType.class) Closure<R> body) {
    return execution.parallel(items, HOSTS_AT_ONCE, Integer.MAX_VALUE, body);
  }

  /**
   * Does something for every item at once and returns the results in the order of the items. They
   * are begun in this order. All of them end before this returns; if some failed it fails, and
   * names each with its reason.
   *
   * @param atOnce how many at a time
   */
  public <T, R> List<R> parallel(
      Collection<T> items,
      int atOnce,
      @ClosureParams(FirstParam.FirstGenericType.class) Closure<R> body) {
    return execution.parallel(items, atOnce, Integer.MAX_VALUE, body);
  }

  /**
   * Does something for every item at once, but begins no further one after so many have failed.
   * Those in progress then still end; those not begun are named too.
   *
   * @param atOnce how many at a time
   * @param stopAfter how many may fail before it stops; 1 stops at the first
   */
  public <T, R> List<R> parallel(
      Collection<T> items,
      int atOnce,
      int stopAfter,
      @ClosureParams(FirstParam.FirstGenericType.class) Closure<R> body) {
    return execution.parallel(items, atOnce, stopAfter, body);
  }

  /**
   * Asks again every 0.1 s until the answer is true in Groovy's sense (not null, not false, not
   * empty), and returns it.
   *
   * @param what what is waited for, as a clause: {@code "pg2 takes writes"}
   * @param limit fails (exit 1) when it has taken longer than this
   */
  public <T> T waitUntil(String what, Duration limit, Closure<T> condition) {
    if (execution.forecast.isDry() || execution.onlyRecalls()) {
      return execution.foreseen(what, limit, condition);
    }
    long start = execution.run.time().nanos();
    while (true) {
      T answer = condition.call();
      if (org.codehaus.groovy.runtime.typehandling.DefaultTypeTransformation.castToBoolean(
          answer)) {
        return answer;
      }
      if (execution.run.time().since(start).compareTo(limit) >= 0) {
        throw Problem.failed("waited " + Durations.show(limit) + " in vain until " + what);
      }
      execution.run.time().sleep(POLL);
    }
  }

  /**
   * Tries up to so many times, with a second's pause after each failure; the last failure is
   * thrown. Refusals, locks and interruptions are not tried again.
   */
  public <T> T retry(int times, Closure<T> body) {
    for (int left = times; ; left--) {
      try {
        return body.call();
      } catch (Problem e) {
        boolean mayPass =
            switch (e.exit()) {
              case FAILED, UNREACHABLE -> true;
              default -> false;
            };
        if (left <= 1 || !mayPass) {
          throw e;
        }
        note("trying again: " + e.fact());
        execution.run.time().sleep(Duration.ofSeconds(1));
      }
    }
  }

  /**
   * Stops the run (exit 3) unless a person agrees by typing the name of what is affected, or {@code
   * --confirm=NAME} was given. {@code --yes} is not enough: use it for what cannot be taken back.
   */
  public void confirm(Named affected, Object question) {
    execution.confirm(question.toString(), Optional.of(affected.fullName()));
  }

  /** Stops the run (exit 3) unless a person says yes, or {@code --yes} was given. */
  public void confirm(Object question) {
    execution.confirm(question.toString(), Optional.empty());
  }

  /** Stops the run (exit 3) with this reason if the condition holds. */
  public void refuseIf(boolean condition, Object reason) {
    if (condition) {
      execution.refuse(reason.toString());
    }
  }

  /**
   * Reserves something for this run until it ends, such as {@code cluster.roles}.
   *
   * @see Lock
   */
  public void lock(Lock lock) {
    execution.lock(lock);
  }

  /**
   * Does something while holding a lock, and gives it back right afterwards.
   *
   * @param patience how long to wait for another run to give it back
   */
  public <T> T holding(Lock lock, Duration patience, Closure<T> body) {
    return execution.holding(lock, patience, body);
  }

  /**
   * Says how to take back what the next step does: said before it, so that a step which was cut
   * short is taken back too. If the run fails, or is interrupted, before the point of no return,
   * what was said last is done first. Each may take 2 minutes; then it is given up.
   *
   * @param body is given the {@link Problem} that made it necessary
   */
  public void undo(
      String what,
      @ClosureParams(value = SimpleType.class, options = "org.pgrunbook.Problem") Closure<?> body) {
    execution.undo(what, body);
  }

  /** Says what has to happen at the end in any case, within 2 minutes. */
  public void always(String what, Closure<?> body) {
    execution.always(what, body);
  }

  /**
   * Does what cannot be taken back. The locks are looked at once more before it, and everything
   * that {@code undo} would have taken back stays from here on.
   */
  public <T> T pointOfNoReturn(Closure<T> body) {
    execution.pointOfNoReturn();
    return body.call();
  }

  /**
   * A bucket, for objects of the runbook's own. Its endpoint and keys are those of the repository
   * in the inventory that uses the same bucket; else the AWS SDK finds them as it does for every
   * program.
   */
  public Store s3(String bucket) {
    return execution.clusters.bucket(bucket);
  }

  /** Writes a remark into the journal and onto the console. */
  public void note(Object text) {
    if (execution.onlyRecalls()) {
      return;
    }
    if (execution.forecast.assumes()) {
      execution.forecast.would("say, as far as it can be known now: " + text);
    } else {
      journal().note(text.toString());
    }
  }

  /** Writes a warning: the run goes on, but somebody should look. */
  public void warn(Object text) {
    if (execution.onlyRecalls()) {
      return;
    }
    if (execution.forecast.assumes()) {
      execution.forecast.would("warn: " + text);
    } else {
      journal().warn(text.toString());
    }
  }

  /** Shows a record, or a list of records or maps, as a table. */
  public void table(Object rows) {
    if (execution.onlyRecalls()) {
      return;
    }
    if (execution.forecast.assumes()) {
      execution.forecast.would("show, as far as it can be known now:");
    }
    journal().tell(Tables.of(rows));
  }

  /** Keeps a figure that the run has measured, such as the seconds without writes. */
  public void measure(String name, Object value) {
    if (execution.onlyRecalls()) {
      return;
    }
    if (execution.forecast.assumes()) {
      execution.forecast.would("measure: " + name);
    } else {
      journal().tell(new Event.Measured(name, Values.journalled("measure " + name, value)));
    }
  }

  /**
   * The present instant, by the clock of the machine that runs pgrunbook; the same again when the
   * run goes on.
   */
  public Instant now() {
    return execution.now();
  }

  /** The same as {@link #note}: a runbook has no console of its own. */
  @Override
  public void println(Object text) {
    note(String.valueOf(text));
  }

  private Journal journal() {
    return execution.run.journal();
  }
}
