package org.pgrunbook.replication;

/**
 * One thing that was looked at before a switchover.
 *
 * @param what was looked at
 * @param found what was found
 * @param outcome what follows
 */
public record Check(String what, String found, Outcome outcome) {

  /** What follows from a check. */
  public enum Outcome {
    /** Nothing. */
    FINE,
    /** Somebody should know; it goes on. */
    WARNING,
    /** It stands in the way. */
    REFUSES
  }

  static Check fine(String what, String found) {
    return new Check(what, found, Outcome.FINE);
  }

  static Check warning(boolean worry, String what, String found) {
    return new Check(what, found, worry ? Outcome.WARNING : Outcome.FINE);
  }

  static Check refuses(boolean obstacle, String what, String found) {
    return new Check(what, found, obstacle ? Outcome.REFUSES : Outcome.FINE);
  }
}
