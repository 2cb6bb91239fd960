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
import org.pgrunbook.Exit;
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
   * a size, an LSN, a constant of an enum, a node, or a record, list or map of these. A step is
   * known by its name within its parents.
   *
   * @param name what it does, for whoever reads along
   * @throws Problem with exit 2 if the name is there twice, or the value is of another type; else
   *     as what is done in it fails
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
   * @param limit how long to wait
   * @throws Problem with exit 1 after the limit
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
   * Tries again after a failure, with a pause of a second; the last failure is thrown. Refusals
   * (3), locks (4) and interruptions are not tried again.
   *
   * @param times how often at most, the first time included
   */
  public <T> T retry(int times, Closure<T> body) {
    for (int left = times; ; left--) {
      try {
        return body.call();
      } catch (Problem e) {
        boolean mayPass = e.exit() == Exit.FAILED || e.exit() == Exit.UNREACHABLE;
        if (left <= 1 || !mayPass) {
          throw e;
        }
        note("trying again: " + e.fact());
        execution.run.time().sleep(Duration.ofSeconds(1));
      }
    }
  }

  /**
   * Goes on only if a person agrees by typing the name of what is affected, or {@code
   * --confirm=NAME} was given. {@code --yes} is not enough: use it for what cannot be taken back.
   *
   * @param affected a cluster or a node
   * @throws Problem with exit 3 if nobody agrees
   */
  public void confirm(Named affected, Object question) {
    execution.confirm(question.toString(), Optional.of(affected.fullName()));
  }

  /**
   * Goes on only after a yes, or with {@code --yes}.
   *
   * @throws Problem with exit 3 if nobody agrees
   */
  public void confirm(Object question) {
    execution.confirm(question.toString(), Optional.empty());
  }

  /**
   * Ends the run with 3 if the condition holds: what is asked for is impossible, or must not be.
   *
   * @param reason one fact, in lower case and without a stop
   */
  public void refuseIf(boolean condition, Object reason) {
    if (condition) {
      execution.refuse(reason.toString());
    }
  }

  /**
   * Holds a lock until the run ends, on this machine and in the cluster's repository. The locks are
   * {@code cluster.wal}, {@code cluster.backup} and {@code cluster.roles}.
   *
   * <p>If another run has it, the command line says what happens: {@code --wait=10min} waits for
   * it, {@code --skip} ends with 0 instead if nothing was changed yet, {@code --without-lock} goes
   * on without the repository's lock if the repository cannot be reached. See <a
   * href="#locks">Locks</a>. Said outside of steps.
   *
   * @throws Problem with exit 4 if another run has it, with exit 5 if the repository cannot be
   *     reached, with exit 2 inside of a step
   */
  public void lock(Lock lock) {
    execution.lock(lock);
  }

  /**
   * Waits for a lock and holds it only while its body is done.
   *
   * @param patience how long to wait for another run to give it back
   * @throws Problem with exit 4 if another run still has it then, with exit 5 if the repository
   *     cannot be reached
   */
  public <T> T holding(Lock lock, Duration patience, Closure<T> body) {
    return execution.holding(lock, patience, body);
  }

  /**
   * Says how to take back what the next step does: said before it, so that a step which was cut
   * short is taken back too, and outside of steps. If the run fails, or is interrupted, before the
   * point of no return, what was said last is done first. Each may take 2 min; then it is given up
   * and the run ends with 6.
   *
   * @param what what it does, as a clause: {@code start pg2 again}
   * @param body is given the {@link Problem} that made it necessary: {@code it.fact()}, {@code
   *     it.exit()}
   */
  public void undo(
      String what,
      @ClosureParams(value = SimpleType.class, options = "org.pgrunbook.Problem") Closure<?> body) {
    execution.undo(what, body);
  }

  /** Says what has to happen at the end in any case, within 2 min. Said outside of steps. */
  public void always(String what, Closure<?> body) {
    execution.always(what, body);
  }

  /**
   * Does what cannot be taken back: forgets every {@code undo} before it. From here on the locks
   * are read again before each change.
   *
   * @throws Problem with exit 4 if a lock was lost meanwhile, with exit 5 if nobody can know
   */
  public <T> T pointOfNoReturn(Closure<T> body) {
    execution.pointOfNoReturn();
    return body.call();
  }

  /**
   * A bucket, for objects of your own. Its endpoint and keys are those of the repository in the
   * inventory that uses the same bucket; else the AWS SDK finds them as it does for every program.
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

  /** Shows a record, or a list of records or maps, as a table; the journal keeps it. */
  public void table(Object rows) {
    if (execution.onlyRecalls()) {
      return;
    }
    if (execution.forecast.assumes()) {
      execution.forecast.would("show, as far as it can be known now:");
    }
    journal().tell(Tables.of(rows));
  }

  /** Keeps a figure that was measured in the journal, such as the seconds without writes. */
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

  /** The present instant, by this machine's clock; the same again when the run goes on. */
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
