package org.pgrunbook.report;

import java.time.Duration;
import java.time.Instant;

/**
 * An operation of a run.
 *
 * @param step the path of its step; empty outside of any
 * @param wire what carried it
 * @param node where it went, or the repository
 * @param text the statement, command or request
 * @param change whether it changes anything
 * @param figures rows, bytes and exit status, for a person
 * @param error why it failed; empty if it did not
 */
record Deed(
    String step,
    String wire,
    String node,
    String text,
    boolean change,
    Outcome outcome,
    Instant start,
    Instant end,
    String figures,
    String error) {

  Duration took() {
    return Duration.between(start, end);
  }
}
