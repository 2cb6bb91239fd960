package org.pgrunbook.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A step of a run, or what was outside of any.
 *
 * @param number counts from 1; 0 is what was outside of steps
 * @param path with its parents; empty outside of steps
 * @param name without its parents
 * @param depth how many parents it has
 * @param said why it failed, or why it was not done again; empty if there is nothing to say
 * @param value what it returned, for a person; empty if nothing
 * @param deeds what was done in it itself, in order
 */
record Part(
    int number,
    String path,
    String name,
    int depth,
    Instant start,
    Instant end,
    Outcome outcome,
    String said,
    String value,
    List<Deed> deeds) {

  Duration took() {
    return Duration.between(start, end);
  }
}
