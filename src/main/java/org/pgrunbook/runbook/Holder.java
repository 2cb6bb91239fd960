package org.pgrunbook.runbook;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.JsonReader;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Lock;

/**
 * Who holds a lock, as it is written down where others look.
 *
 * @param format the version of this format
 * @param lock the lock, {@code orders.roles}
 * @param run the run that holds it
 * @param runbook what it runs
 * @param user who started it
 * @param host where
 * @param machine the state folder there: runs that share it keep each other off by themselves
 * @param pid its process there
 * @param since when it was taken, by the clock of that machine
 * @param heartbeat when it was renewed last, by the same clock
 * @param beats how often it was renewed, so that each writing differs
 * @param released how it was given up; absent: it is held
 */
record Holder(
    int format,
    String lock,
    String run,
    String runbook,
    String user,
    String host,
    String machine,
    long pid,
    Instant since,
    Instant heartbeat,
    long beats,
    Optional<String> released) {

  private static final int FORMAT = 1;

  /** A run of this process, from now on. */
  static Holder of(Lock lock, Run run, String runbook, Origin origin, String machine) {
    Instant now = run.time().now().truncatedTo(ChronoUnit.MILLIS);
    return new Holder(
        FORMAT,
        lock.toString(),
        run.id(),
        runbook,
        origin.user(),
        origin.host(),
        machine,
        ProcessHandle.current().pid(),
        now,
        now,
        0,
        Optional.empty());
  }

  /**
   * Reads what {@link #json()} wrote.
   *
   * @throws IOException if it is something else
   */
  static Holder read(String json) throws IOException {
    return JsonReader.read(Holder.class, json);
  }

  String json() {
    return Json.line(this);
  }

  Holder renewed(Instant now) {
    return with(now, Optional.empty());
  }

  Holder released(Instant now, String how) {
    return with(now, Optional.of(how));
  }

  private Holder with(Instant now, Optional<String> end) {
    return new Holder(
        format,
        lock,
        run,
        runbook,
        user,
        host,
        machine,
        pid,
        since,
        now.truncatedTo(ChronoUnit.MILLIS),
        beats + 1,
        end);
  }

  /** Whether it is the same taking of the lock, renewed or not. */
  boolean isSameAs(Holder other) {
    return run.equals(other.run) && machine.equals(other.machine) && since.equals(other.since);
  }

  /**
   * Whether it is one of the runs of a state folder, which the locks of one machine keep off each
   * other. The host is looked at too, because folders are copied from one to another.
   */
  boolean isOn(String otherMachine, String otherHost) {
    return machine.equals(otherMachine) && host.equals(otherHost);
  }

  /** {@code run 20260301-014500-k3f9 of alice on ops1 (process 4711)}. */
  String inWords() {
    return "run %s of %s on %s (process %d)".formatted(run, user, host, pid);
  }

  /** What whoever wants the lock too is told. */
  Problem taken() {
    return Problem.locked(
        "lock \"%s\" is held by %s since %s, for \"%s\""
            .formatted(lock, inWords(), since, runbook));
  }
}
