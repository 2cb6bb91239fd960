package org.pgrunbook.journal;

import java.util.function.Supplier;

/**
 * By which means operations are carried out: for real, or only described.
 *
 * <p>Every wire hands every operation to it, so that journalling and the dry run are each one
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

  /**
   * Waits for, or proves, what changes have brought about. In a dry run that has described a change
   * nothing of it can be seen, so it is only told.
   *
   * @param what what will be so, as a clause: {@code pg2 takes writes}
   * @param assumed what a dry run returns in place of the answer
   * @param proof asks until it is so, or fails
   */
  default <T> T outcome(String what, T assumed, Supplier<T> proof) {
    return proof.get();
  }

  /** As {@link #outcome(String, Object, Supplier)}, of a proof that has no answer. */
  default void outcome(String what, Runnable proof) {
    outcome(
        what,
        null,
        () -> {
          proof.run();
          return null;
        });
  }

  /**
   * What is asked once in a run and stays so, also when the run is ended and goes on: which node is
   * the primary, what time it is.
   *
   * @param key what it is, unique within the run
   */
  default <T> T once(String key, Supplier<T> question) {
    return question.get();
  }

  /**
   * Whether a change of the present step was begun by the run that this one goes on with. Then what
   * is found to be done already may be its own doing, and is no reason to refuse.
   */
  default boolean wasBegun() {
    return false;
  }

  /** Whether changes are only described. */
  default boolean isDry() {
    return false;
  }
}
