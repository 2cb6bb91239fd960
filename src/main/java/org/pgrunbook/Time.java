package org.pgrunbook;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * The clock and the only way to wait. Nothing else reads the time or sleeps, so that tests can set
 * it.
 */
public interface Time {
  /** The instant, for people and for the journal. */
  Instant now();

  /** A monotonic clock for measuring, in nanoseconds; only differences mean something. */
  long nanos();

  /**
   * Waits.
   *
   * @throws Problem with {@link Exit#INTERRUPTED} when the thread is interrupted meanwhile
   */
  void sleep(Duration duration);

  /**
   * Asks until it is so, or the limit is over.
   *
   * @param pause between an answer and the next question
   * @return whether it is so
   */
  default boolean until(BooleanSupplier condition, Duration limit, Duration pause) {
    long start = nanos();
    while (!condition.getAsBoolean()) {
      if (since(start).compareTo(limit) > 0) {
        return false;
      }
      sleep(pause);
    }
    return true;
  }

  /** How long ago {@link #nanos()} answered {@code start}. */
  default Duration since(long start) {
    return Duration.ofNanos(nanos() - start);
  }

  /** The time of this machine. */
  static Time system() {
    return new Time() {
      @Override
      public Instant now() {
        return Instant.now();
      }

      @Override
      public long nanos() {
        return System.nanoTime();
      }

      @Override
      public void sleep(Duration duration) {
        try {
          Thread.sleep(duration);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw Problem.interrupted("interrupted while waiting").because(e);
        }
      }
    };
  }
}
