package org.pgrunbook.runbook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.RepositorySpec;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Run;
import org.pgrunbook.journal.State;
import org.pgrunbook.postgres.Lock;

/**
 * The locks that a run holds: each on this machine, and in the repository of its cluster if that
 * has one.
 */
final class Locks {
  private static final Duration POLL = Duration.ofMillis(500);

  private record Held(Lock lock, LockFile file, Optional<Lease> lease) {}

  private final State state;
  private final Inventory inventory;
  private final Origin origin;
  private final Engine.Request request;
  private final Answers answers;
  private final List<Held> held = new CopyOnWriteArrayList<>();
  private final Set<String> agreed = ConcurrentHashMap.newKeySet();
  private volatile boolean irreversible;

  Locks(Engine engine, Engine.Request request) {
    this.state = engine.state();
    this.inventory = engine.inventory();
    this.origin = engine.origin();
    this.answers = engine.answers();
    this.request = request;
  }

  private void take(Lock lock, Optional<RepositoryLock> there, Vigil vigil, Run run) {
    Holder mine = Holder.of(lock, run, request.runbook().name(), origin, Machine.of(state));
    LockFile file = LockFile.take(state, lock, mine);
    try {
      Optional<Lease> lease = there.flatMap(it -> lease(lock, it, mine, vigil, run));
      held.add(new Held(lock, file, lease));
      String where = lease.map(it -> place(lock).get().name()).orElse(null);
      run.journal().tell(new Event.Locked(lock.toString(), where));
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private Optional<RepositorySpec> place(Lock lock) {
    return RepositoryLock.place(lock, inventory);
  }

  /** The lock in the repository; empty if somebody agreed to go on without it. */
  private Optional<Lease> lease(
      Lock lock, RepositoryLock there, Holder mine, Vigil vigil, Run run) {
    boolean goesOnWithout = request.whenLocked().goesOnWithout();
    try {
      return Optional.of(there.take(mine, vigil, goesOnWithout, run));
    } catch (Problem e) {
      if (e.exit() != Exit.UNREACHABLE && e.exit() != Exit.FAILED) {
        throw e;
      }
      if (!goesOnWithout) {
        throw RepositoryLock.unreachable(lock, e);
      }
      if (agreed.add(lock.cluster())) {
        String question =
            ("Go on without lock \"%s\" of the repository, so that nobody on another machine is"
                    + " kept off? %s.")
                .formatted(lock, e.fact());
        Consent.ask(answers, question, Optional.of(lock.cluster()), run);
      }
      there.close();
      run.journal()
          .warn("goes on without lock \"%s\" of the repository: %s".formatted(lock, e.fact()));
      return Optional.empty();
    }
  }

  /** Why a lock could not be taken now; empty if it could. Leaves everything as it is. */
  Optional<Problem> obstacle(Lock lock, Run run) {
    return LockFile.holder(state, lock)
        .map(LockFile::inTheWay)
        .or(() -> place(lock).flatMap(place -> obstacle(lock, place, run)));
  }

  private Optional<Problem> obstacle(Lock lock, RepositorySpec place, Run run) {
    try (var there = RepositoryLock.open(lock, place, run.time(), run.secrets())) {
      RepositoryLock.Found found = there.look();
      Vigil vigil = new Vigil(run.time());
      found.holder().ifPresent(holder -> vigil.look(found.content().get(), holder));
      return found
          .holder()
          .filter(holder -> !holder.isOn(Machine.known(state), origin.host()))
          .map(holder -> RepositoryLock.inTheWay(holder, vigil));
    } catch (Problem e) {
      return Optional.of(e);
    }
  }

  /** From here on each lock is read again before each change. */
  void pointOfNoReturn() {
    irreversible = true;
    requireHeld();
  }

  /**
   * What takes back, and what has to happen in any case, is stopped only by a lock known as lost.
   */
  void goBack() {
    irreversible = false;
  }

  /**
   * Refuses to go on when a lock was lost.
   *
   * @throws Problem with exit 4 that says who has it, with exit 5 if nobody can know
   */
  void requireHeld() {
    held.forEach(lock -> lock.lease().ifPresent(lease -> lease.requireHeld(irreversible)));
  }

  /** Takes a lock for the rest of the run, waiting for it as long as the run is told to. */
  void takeOrWait(Lock lock, Run run) {
    await(lock, run, request.whenLocked().patience());
  }

  /**
   * Takes a lock as soon as whoever holds it gives it back, or is known to be dead. That takes a
   * while to find out, which is waited for in any case.
   */
  void await(Lock lock, Run run, Duration patience) {
    Optional<RepositoryLock> there =
        place(lock).map(it -> RepositoryLock.open(lock, it, run.time(), run.secrets()));
    try {
      await(lock, there, run, patience);
    } catch (RuntimeException e) {
      there.ifPresent(RepositoryLock::close);
      throw e;
    }
  }

  private void await(Lock lock, Optional<RepositoryLock> there, Run run, Duration patience) {
    long start = run.time().nanos();
    Vigil vigil = new Vigil(run.time());
    boolean told = false;
    while (true) {
      try {
        take(lock, there, vigil, run);
        return;
      } catch (Problem e) {
        boolean worthIt =
            run.time().since(start).compareTo(patience) < 0
                || (lock.mayBeTakenOver() && vigil.isDoubtful());
        if (e.exit() != Exit.LOCKED || !worthIt) {
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
        .filter(one -> one.lock().equals(lock))
        .findFirst()
        .ifPresent(
            one -> {
              held.remove(one);
              one.lease().ifPresent(Lease::release);
              one.file().close();
              run.journal().tell(new Event.Unlocked(lock.toString()));
            });
  }

  void releaseAll(Run run) {
    List.copyOf(held).reversed().forEach(one -> release(one.lock(), run));
  }
}
