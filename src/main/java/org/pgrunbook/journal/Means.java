package org.pgrunbook.journal;

/**
 * By which means operations are carried out: for real, only described, or replayed from a journal.
 *
 * <p>Every wire hands every operation to it, so that journalling, dry run and replay are each one
 * implementation.
 */
public interface Means {

  /** What an operation does when it is carried out for real. */
  @FunctionalInterface
  interface Act<T> {
    T with(Meter meter) throws Exception;
  }

  /** Carries out an operation that changes nothing. */
  <T> T probe(Operation operation, Act<T> act);

  /**
   * Carries out an operation that changes something. Its intent is journalled, durably, before the
   * act.
   *
   * @param assumed what a dry run returns in place of the outcome
   */
  <T> T change(Operation operation, T assumed, Act<T> act);
}
