package org.pgrunbook.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.pgrunbook.Exit;

/**
 * What Ctrl-C, SIGTERM and a lost terminal do to a run: the first signal interrupts it, so that it
 * stops cleanly, undoes and tells what state things are in; the second ends the process at once.
 */
final class Interrupts {
  private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  /** What a shell adds to the number of the signal that ended a process. */
  private static final int BY_SIGNAL = 128;

  private static final AtomicInteger RECEIVED = new AtomicInteger();

  private Interrupts() {}

  /** Runs something that a signal interrupts, and a second one ends without more words. */
  static <T> T during(Supplier<T> work) {
    return during(work, () -> {});
  }

  /**
   * Runs something that a signal interrupts.
   *
   * @param lastWords says what a second signal leaves
   */
  static <T> T during(Supplier<T> work, Runnable lastWords) {
    Thread worker = Thread.currentThread();
    AtomicInteger count = new AtomicInteger();
    List<OnSignal> handlers =
        SIGNALS.stream()
            .map(
                name ->
                    OnSignal.handle(
                        name,
                        number -> {
                          RECEIVED.set(number);
                          if (count.getAndIncrement() == 0) {
                            worker.interrupt();
                          } else {
                            say(lastWords);
                            Runtime.getRuntime().halt(BY_SIGNAL + number);
                          }
                        }))
            .toList();
    try {
      return work.get();
    } finally {
      handlers.forEach(OnSignal::close);
    }
  }

  /** The exit status of a process: that of a signal if one has ended its work. */
  static int exit(int status) {
    boolean says = status == Exit.DONE.code() || status == Exit.UNKNOWN_STATE.code();
    return RECEIVED.get() == 0 || says ? status : BY_SIGNAL + RECEIVED.get();
  }

  /** Whoever reads our output may have stopped reading; that must not keep us. */
  private static void say(Runnable lastWords) {
    Thread speaker = Thread.ofPlatform().daemon().start(lastWords);
    try {
      speaker.join(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
