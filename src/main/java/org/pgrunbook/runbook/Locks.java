package org.pgrunbook.runbook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Run;
import org.pgrunbook.journal.State;
import org.pgrunbook.postgres.Lock;

/** The locks that a run holds. */
final class Locks {
  private static final Duration POLL = Duration.ofMillis(500);

  private final State state;
  private final Origin origin;
  private final WhenLocked whenLocked;
  private final List<LockFile> held = new ArrayList<>();

  Locks(State state, Origin origin, WhenLocked whenLocked) {
    this.state = state;
    this.origin = origin;
    this.whenLocked = whenLocked;
  }

  void take(Lock lock, Run run) {
    held.add(LockFile.take(state, lock, run, origin.user(), origin.host()));
    run.journal().tell(new Event.Locked(lock.toString()));
  }

  /** Who holds a lock, as the problem that this would be; empty if it is free. */
  Optional<Problem> holder(Lock lock) {
    return LockFile.holder(state, lock);
  }

  /** Refuses to go on when a lock was lost. */
  void requireHeld() {
    for (LockFile file : held) {
      if (!file.isHeld()) {
        throw Problem.locked("lock \"" + file.lock() + "\" was lost");
      }
    }
  }

  /** Takes a lock for the rest of the run, waiting for it as long as the run is told to. */
  void takeOrWait(Lock lock, Run run) {
    await(lock, run, whenLocked.patience());
  }

  /** Takes a lock as soon as whoever holds it gives it back. */
  void await(Lock lock, Run run, Duration patience) {
    long start = run.time().nanos();
    boolean told = false;
    while (true) {
      try {
        take(lock, run);
        return;
      } catch (Problem e) {
        if (e.exit() != Exit.LOCKED || run.time().since(start).compareTo(patience) >= 0) {
          throw e;
        }
        if (!told) {
          run.journal().note("waiting: " + e.fact());
          told = true;
        }
        run.time().sleep(POLL);
      }
    }
  }

  void release(Lock lock, Run run) {
    held.stream()
        .filter(file -> file.lock().equals(lock))
        .findFirst()
        .ifPresent(
            file -> {
              held.remove(file);
              file.close();
              run.journal().tell(new Event.Unlocked(lock.toString()));
            });
  }

  void releaseAll(Run run) {
    List.copyOf(held).reversed().forEach(file -> release(file.lock(), run));
  }
}
