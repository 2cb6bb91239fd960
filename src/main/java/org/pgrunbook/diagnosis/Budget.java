package org.pgrunbook.diagnosis;

import java.time.Duration;
import org.pgrunbook.Time;

/**
 * How long everything together may take.
 *
 * @param start since when, of the monotonic clock
 */
record Budget(Time time, long start, Duration whole) {
  /** What is left of it; nothing once it is used up. */
  Duration left() {
    Duration left = whole.minus(time.since(start));
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** One that ends earlier. */
  Budget less(Duration margin) {
    return new Budget(time, start, whole.minus(margin));
  }
}
