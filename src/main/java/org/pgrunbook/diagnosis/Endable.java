package org.pgrunbook.diagnosis;

import java.time.Instant;

/** A session as it was when it was looked at, so that only that one is ended. */
public interface Endable {
  /** Its process. */
  int pid();

  /** When it began: with the pid it names the session, for pids are used again. */
  Instant started();

  /** When it got into its state: another value means that it has done something since. */
  Instant changed();
}
