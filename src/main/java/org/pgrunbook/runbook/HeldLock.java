package org.pgrunbook.runbook;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.postgres.Lock;

/** A lock that some run holds, looked at by a person who may take it away. */
public final class HeldLock implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  /** Whether the run that holds a lock goes on. */
  public enum Life {
    /** It holds the lock of this machine, or has renewed that of the repository. */
    ALIVE,
    DEAD,
    /** It was not watched for long enough yet. */
    UNKNOWN,
    /** The lock has been given back meanwhile. */
    FREE
  }

  /**
   * For a table.
   *
   * @param lock {@code orders.roles}
   * @param run the run that holds it
   * @param runbook what that runs
   * @param user who started it
   * @param host where
   * @param process its process there
   * @param since when it took the lock, by the clock of its host
   * @param heartbeat when it renewed it last, by the same clock
   */
  public record Row(
      String lock,
      String run,
      String runbook,
      String user,
      String host,
      long process,
      Instant since,
      Instant heartbeat) {}

  private final Engine engine;
  private final Lock lock;
  private final Optional<RepositoryLock> there;
  private final Vigil vigil;
  private Optional<RepositoryLock.Found> found = Optional.empty();
  private Optional<Holder> here = Optional.empty();

  private HeldLock(Engine engine, Lock lock) {
    this.engine = engine;
    this.lock = lock;
    this.vigil = new Vigil(engine.time());
    this.there =
        RepositoryLock.place(lock, engine.inventory())
            .map(place -> RepositoryLock.open(lock, place, engine.time(), engine.secrets()));
    look();
  }

  /**
   * Those locks of a cluster that are held.
   *
   * @param purposes which to look at: {@code wal}, {@code backup}, {@code roles}
   * @throws Problem with exit 2 if there is no such cluster, with exit 5 if its repository cannot
   *     be reached
   */
  public static List<HeldLock> of(Engine engine, String cluster, List<String> purposes) {
    String name = engine.inventory().cluster(cluster).name();
    return purposes.stream()
        .map(purpose -> new HeldLock(engine, new Lock(name, purpose)))
        .filter(one -> one.life() != Life.FREE)
        .toList();
  }

  /** Watches them until it is known of each whether its run goes on: half a minute at most. */
  public static void watch(List<HeldLock> locks, Time time) {
    while (locks.stream().anyMatch(one -> one.life() == Life.UNKNOWN)) {
      time.sleep(POLL);
      locks.forEach(HeldLock::look);
    }
  }

  private void look() {
    here = LockFile.holder(engine.state(), lock);
    found = there.map(RepositoryLock::look);
    found.ifPresent(it -> it.holder().ifPresent(holder -> vigil.look(it.content().get(), holder)));
  }

  private Optional<Holder> holder() {
    Optional<Holder> renewed = found.flatMap(RepositoryLock.Found::holder);
    return here.map(local -> renewed.filter(local::isSameAs).orElse(local)).or(() -> renewed);
  }

  /** Whether its run goes on, as far as it is known by now. */
  public Life life() {
    if (holder().isEmpty()) {
      return Life.FREE;
    } else if (here.isPresent() || vigil.hasMoved()) {
      return Life.ALIVE;
    } else if (vigil.isOver() || isOfThisMachine()) {
      return Life.DEAD;
    }
    return Life.UNKNOWN;
  }

  /** Then the lock of this machine, which is free, says that it is dead. */
  private boolean isOfThisMachine() {
    return holder().get().isOn(Machine.known(engine.state()), engine.origin().host());
  }

  /** Who holds it. */
  public Row row() {
    Holder holder = holder().orElseThrow();
    return new Row(
        lock.toString(),
        holder.run(),
        holder.runbook(),
        holder.user(),
        holder.host(),
        holder.pid(),
        holder.since(),
        holder.heartbeat());
  }

  /** Why it is not taken away. */
  public Problem isAlive() {
    Holder holder = holder().orElseThrow();
    return Problem.refused(
            "lock \"%s\" is not taken away: %s is alive".formatted(lock, holder.inWords()))
        .hint(
            "Stop that run, with Ctrl-C or by 'kill -INT %d' on %s: it gives the lock back itself."
                .formatted(holder.pid(), holder.host()))
        .state("nothing was changed");
  }

  /**
   * Takes it away from a run that is dead, after a person has agreed.
   *
   * @throws Problem with exit 3 if nobody agrees, or the run has given a sign of life just now
   */
  public void takeAway() {
    Holder holder = holder().orElseThrow();
    String question =
        ("Take lock \"%s\" away from %s? It may have left the cluster half-way. Should it still go"
                + " on, it stops before its next change.")
            .formatted(lock, holder.inWords());
    if (!engine.answers().confirm(question, Optional.of(lock.cluster())).agreed()) {
      throw Problem.refused("not confirmed: " + question).state("nothing was changed");
    }
    Instant now = engine.time().now().truncatedTo(ChronoUnit.SECONDS);
    String how =
        "%s on %s took it away at %s by 'pgrunbook unlock'"
            .formatted(engine.origin().user(), engine.origin().host(), now);
    if (!there.orElseThrow().takeAway(found.orElseThrow(), now, how)) {
      throw isAlive();
    }
  }

  @Override
  public void close() {
    there.ifPresent(RepositoryLock::close);
  }
}
