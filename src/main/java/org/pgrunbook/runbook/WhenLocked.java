package org.pgrunbook.runbook;

import java.time.Duration;

/**
 * What a run does when another one holds a lock that it needs.
 *
 * @param patience how long it waits for the lock; zero: it fails at once
 * @param skips whether it ends well instead of failing, as long as it has changed nothing: a
 *     scheduler's next run will do what this one leaves
 */
public record WhenLocked(Duration patience, boolean skips) {
  /** It ends with 4. */
  public static final WhenLocked FAIL = new WhenLocked(Duration.ZERO, false);
}
