package org.pgrunbook.runbook;

import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Run;
import org.pgrunbook.journal.State;
import org.pgrunbook.postgres.Lock;

/** The locks that a run holds. */
final class Locks {
  private final State state;
  private final Origin origin;
  private final List<LockFile> held = new ArrayList<>();

  Locks(State state, Origin origin) {
    this.state = state;
    this.origin = origin;
  }

  void take(Lock lock, Run run) {
    held.add(LockFile.take(state, lock, run, origin.user(), origin.host()));
    run.journal().tell(new Event.Locked(lock.toString()));
  }

  /** Refuses to go on when a lock was lost. */
  void requireHeld() {
    for (LockFile file : held) {
      if (!file.isHeld()) {
        throw Problem.locked("lock \"" + file.lock() + "\" was lost");
      }
    }
  }

  void release(Run run) {
    for (LockFile file : held.reversed()) {
      file.close();
      run.journal().tell(new Event.Unlocked(file.lock().toString()));
    }
    held.clear();
  }
}
