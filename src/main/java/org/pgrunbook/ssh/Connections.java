package org.pgrunbook.ssh;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.pgrunbook.Problem;

/**
 * The connections to one host. Commands share one until the server takes no more of them on it; a
 * stream has one to itself.
 *
 * <p>JSch delivers all channels of a connection by one thread: a stream whose reader is slow would
 * hold up every other command, also the one that is to kill it. And streams of their own are
 * deciphered in parallel.
 */
final class Connections implements AutoCloseable {
  /** Two less than what OpenSSH takes on a connection unless configured (MaxSessions 10). */
  private static final int SHARED = 8;

  private final Supplier<Connection> opener;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Lease> all = new ArrayList<>();
  private boolean closed;

  Connections(Supplier<Connection> opener) {
    this.opener = opener;
  }

  /** A connection and how many use it. */
  final class Lease {
    final Connection connection;
    private int users;
    private int capacity = SHARED;
    private boolean alone;

    private Lease(Connection connection) {
      this.connection = connection;
    }

    private boolean takes(boolean whole) {
      return connection.alive() && (users == 0 || (!whole && !alone && users < capacity));
    }

    /** Gives it back for others to use. */
    void release() {
      locked(() -> users--);
    }

    /** Gives it back for nobody to use. */
    void discard() {
      locked(() -> all.remove(this));
      connection.close();
    }

    private void locked(Runnable change) {
      lock.lock();
      try {
        change.run();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * A connection to use.
   *
   * @param alone whether nobody else may use it meanwhile
   */
  Lease take(boolean alone) {
    try {
      // One login at a time: sshd drops some of many at once (MaxStartups).
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted while waiting for a connection").because(e);
    }
    try {
      if (closed) {
        throw Problem.failed("the SSH connection has been closed");
      }
      all.removeIf(lease -> !lease.connection.alive());
      Lease lease = all.stream().filter(one -> one.takes(alone)).findFirst().orElse(null);
      if (lease == null) {
        lease = new Lease(opener.get());
        all.add(lease);
      }
      lease.users++;
      lease.alone = alone;
      return lease;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Another connection in place of one on which the server takes no further command.
   *
   * @throws Problem with exit 5 if it took not even one
   */
  Lease another(Lease full) {
    full.locked(() -> full.capacity = full.users - 1);
    if (full.capacity == 0) {
      throw Problem.unreachable("the SSH server takes no commands")
          .hint("Does its configuration set MaxSessions to 0, or force something else?");
    }
    Lease other = take(full.alone);
    full.release();
    return other;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      all.forEach(lease -> lease.connection.close());
      all.clear();
    } finally {
      lock.unlock();
    }
  }
}
