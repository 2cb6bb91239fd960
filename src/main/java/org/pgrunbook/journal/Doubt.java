package org.pgrunbook.journal;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a verb knows of its changes when a run that was killed goes on: whether one that was begun
 * was done can be seen on the server, or it does no harm to do it again. Of a change outside of
 * these nobody knows it, and a person has to look.
 */
public final class Doubt {
  /** What the server says of a change that was begun. */
  public enum Settlement {
    DONE,
    /** It was not, or it may be done again. */
    NOT_DONE,
    UNKNOWN
  }

  private static final ScopedValue<Supplier<Settlement>> CHECK = ScopedValue.newInstance();

  private Doubt() {}

  /** Makes changes that may be made any number of times. */
  public static <T, X extends Throwable> T repeatable(ScopedValue.CallableOp<T, X> changes)
      throws X {
    return settledBy(() -> Settlement.NOT_DONE, changes);
  }

  /** Makes changes that may be made any number of times. */
  public static void repeatable(Runnable changes) {
    ScopedValue.where(CHECK, () -> Settlement.NOT_DONE).run(changes);
  }

  /**
   * Makes a change.
   *
   * @param check asks the server whether it was made
   */
  public static <T, X extends Throwable> T settledBy(
      Supplier<Settlement> check, ScopedValue.CallableOp<T, X> change) throws X {
    return ScopedValue.where(CHECK, check).call(change);
  }

  /** As {@link #settledBy(Supplier, ScopedValue.CallableOp)}, of a change without an answer. */
  public static void settledBy(Supplier<Settlement> check, Runnable change) {
    ScopedValue.where(CHECK, check).run(change);
  }

  /** What is known of the change that is about to be made. */
  public static Settlement settle() {
    return CHECK.isBound() ? CHECK.get().get() : Settlement.UNKNOWN;
  }

  static Runnable carry(Runnable task) {
    Optional<Supplier<Settlement>> check =
        CHECK.isBound() ? Optional.of(CHECK.get()) : Optional.empty();
    return check.map(c -> (Runnable) () -> ScopedValue.where(CHECK, c).run(task)).orElse(task);
  }
}
