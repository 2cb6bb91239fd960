package org.pgrunbook.runbook;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.RepositorySpec;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Lock;
import org.pgrunbook.store.SharedObject;
import org.pgrunbook.store.SharedObject.Content;

/**
 * A lock in the repository of its cluster, {@code CLUSTER/locks/roles.json}: whoever uses the
 * repository sees it, on whatever machine. It goes by the cluster's name and not by its system
 * identifier, because it is taken before any server is asked, and none may answer.
 */
final class RepositoryLock implements AutoCloseable {
  private final Lock lock;
  private final SharedObject object;

  private RepositoryLock(Lock lock, SharedObject object) {
    this.lock = lock;
    this.object = object;
  }

  /** Where the lock is; empty if the cluster has no repository. */
  static Optional<RepositorySpec> place(Lock lock, Inventory inventory) {
    return Optional.ofNullable(inventory.clusters().get(lock.cluster()))
        .flatMap(ClusterSpec::repository);
  }

  static RepositoryLock open(Lock lock, RepositorySpec place, Time time, Secrets secrets) {
    String key = lock.cluster() + "/locks/" + lock.purpose() + ".json";
    return new RepositoryLock(lock, SharedObject.open(place, key, time, secrets));
  }

  /**
   * What was found of a lock.
   *
   * @param content what whoever writes it has to replace
   * @param holder who holds it; empty if it is free
   */
  record Found(Optional<Content> content, Optional<Holder> holder) {}

  /**
   * Looks who holds it.
   *
   * @throws Problem with exit 5 if the repository cannot be reached
   */
  Found look() {
    Optional<Content> content = object.read();
    return new Found(
        content, content.map(this::holder).filter(holder -> holder.released().isEmpty()));
  }

  private Holder holder(Content content) {
    try {
      return Holder.read(content.text());
    } catch (IOException e) {
      throw Problem.locked("lock \"" + lock + "\" in the repository cannot be read")
          .hint("Is it of a newer version of pgrunbook?")
          .because(e);
    }
  }

  /**
   * Takes it, for a run that has the lock of its machine already.
   *
   * @param vigil what is known from looking at it before
   * @param goesOnWithout whether the run goes on where the store cannot be reached later
   * @throws Problem with exit 4 that names the holder, with exit 5 if the repository cannot be
   *     reached
   */
  Lease take(Holder mine, Vigil vigil, boolean goesOnWithout, Run run) {
    while (true) {
      Found found = look();
      Optional<String> why =
          found.holder().map(holder -> takeable(holder, found.content().get(), mine, vigil));
      long start = run.time().nanos();
      Holder fresh = mine.renewed(run.time().now());
      // Read again: some S3-compatible stores compare and write in two acts, or do not compare.
      if (object.write(fresh.json(), found.content())
          && look().holder().filter(fresh::isSameAs).isPresent()) {
        why.ifPresent(run.journal()::warn);
        return new Lease(lock, object, fresh, start, goesOnWithout, run);
      }
    }
  }

  /** Why it may be taken although it is held. */
  private String takeable(Holder holder, Content content, Holder mine, Vigil vigil) {
    if (holder.isOnMachineOf(mine)) {
      // Its own lock on this machine was free, so that its process is dead.
      return "lock \"%s\" was left by %s, which is dead: taken back"
          .formatted(lock, holder.inWords());
    }
    vigil.look(content, holder);
    if (vigil.isOver() && lock.mayBeTakenOver()) {
      return "lock \"%s\" was left by %s, which has given no sign of life for %s: taken over"
          .formatted(lock, holder.inWords(), Durations.show(Lease.LIFE));
    }
    throw inTheWay(holder, vigil);
  }

  /** That somebody holds it. */
  static Problem inTheWay(Holder holder, Vigil vigil) {
    Problem problem =
        holder
            .taken()
            .hint(
                "The command 'pgrunbook log %s' on %s shows what that run is doing."
                    .formatted(holder.run(), holder.host()));
    if (vigil.isOver() || vigil.isDoubtful()) {
      problem
          .hint(
              "Its last sign of life was at %s, by the clock of %s: it may be dead."
                  .formatted(holder.heartbeat(), holder.host()))
          .hint(
              "If it can go on there, let it: pgrunbook resume %s on %s."
                  .formatted(holder.run(), holder.host()))
          .hint(
              "Else take its lock away: pgrunbook unlock " + holder.lock().replace('.', ' ') + ".");
    }
    return problem;
  }

  /**
   * Takes it away from whoever was found to hold it.
   *
   * @return false if it has changed since
   */
  boolean takeAway(Found found, Instant now, String how) {
    return object.write(found.holder().get().released(now, how).json(), found.content());
  }

  /** That the repository does not say whose the lock is. */
  static Problem unreachable(Lock lock, Problem cause) {
    Problem problem = Problem.unreachable(cause.fact()).because(cause);
    cause.hints().forEach(problem::hint);
    if (lock.purpose().equals("roles")) {
      // Those of the other locks need the repository itself.
      problem.hint(
          ("Lock \"%s\" is in there. If it cannot wait, make sure that nobody else works on \"%s\","
                  + " and go on without it: --without-lock.")
              .formatted(lock, lock.cluster()));
    }
    return problem;
  }

  @Override
  public void close() {
    object.close();
  }
}
