package org.pgrunbook.runbook;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Lock;
import org.pgrunbook.store.SharedObject;
import org.pgrunbook.store.SharedObject.Content;

/**
 * A lock of the repository that this run holds for as long as it renews it.
 *
 * <p>Others take it away only after they have seen it unchanged for {@link #LIFE}. So for {@link
 * #SURE}, which is shorter, after it was written it is this run's for certain, and within that time
 * a store that does not answer stops nothing.
 */
final class Lease {
  /** How often it is renewed. */
  static final Duration BEAT = Duration.ofSeconds(5);

  /** How long it has to stay unchanged before its holder counts as dead. */
  static final Duration LIFE = Duration.ofSeconds(30);

  private static final Duration SURE = Duration.ofSeconds(20);

  /** How long giving it back waits for a renewal that is on its way. */
  private static final Duration LAST_BEAT = Duration.ofSeconds(15);

  private final Lock lock;
  private final SharedObject object;
  private final Run run;
  private final boolean goesOnWithout;
  private final Thread heart;
  private Holder mine;
  private long written;
  private Instant writtenAt;
  private volatile String lost;
  private volatile boolean given;

  /**
   * A lock that has just been taken.
   *
   * @param mine what was written
   * @param written when, by the monotonic clock, the writing began
   * @param goesOnWithout whether the run goes on where the store cannot be reached
   */
  Lease(Lock lock, SharedObject object, Holder mine, long written, boolean goesOnWithout, Run run) {
    this.lock = lock;
    this.object = object;
    this.mine = mine;
    this.written = written;
    this.writtenAt = mine.heartbeat();
    this.goesOnWithout = goesOnWithout;
    this.run = run;
    this.heart = Thread.ofVirtual().name("lock " + lock).start(this::beat);
  }

  private void beat() {
    try {
      while (!given) {
        run.time().sleep(BEAT);
        try {
          renew(true);
        } catch (Problem e) {
          if (lost != null) {
            run.journal().warn(e.fact());
            return;
          }
          // The store does not answer; whoever acts under this lock finds out whether it matters.
        }
      }
    } catch (Problem e) {
      if (e.exit() != Exit.INTERRUPTED) {
        throw e;
      }
    }
  }

  /**
   * Makes sure that it is still this run's.
   *
   * @param always whether to read it from the store in any case, and to stop where nobody can know
   * @throws Problem with exit 4 if it is not, with exit 5 if nobody can know
   */
  void requireHeld(boolean always) {
    requireNotLost();
    boolean old = age().compareTo(BEAT.multipliedBy(2)) > 0;
    if (!always && !old) {
      return;
    }
    try {
      renew(old);
    } catch (Problem e) {
      requireNotLost();
      if (e.exit() == Exit.INTERRUPTED) {
        throw e;
      }
      if (!always || age().compareTo(SURE) < 0) {
        return;
      }
      if (!goesOnWithout) {
        throw RepositoryLock.unreachable(lock, e);
      }
      run.journal().warn("lock \"" + lock + "\" is not held for certain: " + e.fact());
    }
  }

  /**
   * How long ago it was written. A machine that was suspended has a monotonic clock that stood
   * still meanwhile, and a wall clock that did not.
   */
  private synchronized Duration age() {
    Time time = run.time();
    Duration byWall = Duration.between(writtenAt, time.now());
    Duration monotonic = time.since(written);
    return monotonic.compareTo(byWall) > 0 ? monotonic : byWall;
  }

  private synchronized void renew(boolean write) {
    Optional<Content> found = object.read();
    requireMine(found);
    if (!write) {
      return;
    }
    long start = run.time().nanos();
    Holder next = mine.renewed(run.time().now());
    if (!object.write(next.json(), found)) {
      requireMine(object.read());
      throw Problem.failed("lock \"" + lock + "\" could not be renewed");
    }
    mine = next;
    written = start;
    writtenAt = next.heartbeat();
  }

  private void requireMine(Optional<Content> found) {
    Optional<Holder> holder = found.flatMap(Lease::holder);
    if (holder.isEmpty()) {
      lost = "it is gone from the repository";
    } else if (holder.get().isSameAs(mine)) {
      lost = holder.get().released().orElse(null);
    } else {
      String when =
          holder.get().released().isEmpty() ? "is held by %s now" : "went to %s meanwhile";
      lost = "it " + when.formatted(holder.get().inWords());
    }
    requireNotLost();
  }

  private static Optional<Holder> holder(Content content) {
    try {
      return Optional.of(Holder.read(content.text()));
    } catch (IOException e) {
      return Optional.empty(); // not written by us
    }
  }

  private void requireNotLost() {
    if (lost != null) {
      throw Problem.locked("lock \"" + lock + "\" was lost: " + lost)
          .hint("Another may have gone on from here: look at the cluster before anything else.");
    }
  }

  /** Gives it back. */
  void release() {
    // The SDK sends nothing from an interrupted thread.
    boolean interrupted = Thread.interrupted();
    given = true;
    heart.interrupt();
    try {
      heart.join(LAST_BEAT);
      giveBack();
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      object.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void giveBack() {
    if (lost != null) {
      return;
    }
    try {
      Optional<Content> found = object.read();
      requireMine(found);
      object.write(mine.released(run.time().now(), "its run has ended").json(), found);
    } catch (Problem e) {
      run.journal().warn("lock \"" + lock + "\" could not be given back: " + e.fact());
    }
  }
}
