package org.pgrunbook.ssh;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.Time;

/** How long a command may take in all, and how long nothing may move. */
final class Limit {
  private final Time time;
  private final Duration total;
  private final Duration idle;
  private final long start;
  private volatile long moved;
  private volatile String exceeded;

  Limit(Time time, Duration total, Duration idle) {
    this.time = time;
    this.total = total;
    this.idle = idle;
    this.start = time.nanos();
    this.moved = start;
  }

  /** Says that data came or went. */
  void moved() {
    moved = time.nanos();
  }

  /** Nanoseconds until the whole must have ended. */
  long untilEnd() {
    return total.minus(time.since(start)).toNanos();
  }

  /** Nanoseconds until something must have moved. */
  long untilMove() {
    return Math.min(untilEnd(), idle.minus(time.since(moved)).toNanos());
  }

  /** Remembers that a wait was in vain. */
  IOException exceed() {
    exceeded =
        untilEnd() <= 0
            ? "did not end within " + Durations.show(total)
            : "moved no data for " + Durations.show(idle);
    return new IOException(exceeded);
  }

  /** Keeps an interrupt for those who ask the thread, and stops the reading or writing. */
  static IOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }

  /** Which limit was exceeded, if any was. */
  Optional<String> exceeded() {
    return Optional.ofNullable(exceeded);
  }
}
