package org.pgrunbook.runbook;

import java.time.Duration;

/**
 * What a run does when it cannot have a lock that it needs.
 *
 * @param patience how long it waits for the lock while another run holds it; zero: it fails at once
 * @param skips whether it ends well instead of failing, as long as it has changed nothing: a
 *     scheduler's next run will do what this one leaves
 * @param goesOnWithout whether it goes on with the lock of this machine alone, once a person has
 *     agreed, where the repository cannot be reached
 */
public record WhenLocked(Duration patience, boolean skips, boolean goesOnWithout) {
  /** It ends with 4. */
  public static final WhenLocked FAIL = new WhenLocked(Duration.ZERO, false, false);
}
