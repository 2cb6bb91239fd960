package org.pgrunbook.cli;

import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * What Ctrl-C and SIGTERM do to a run: they interrupt it, so that it stops cleanly, undoes and
 * tells what state things are in; the process ends only after that.
 */
final class Interrupts {
  private Interrupts() {}

  /** Runs something that a signal interrupts. */
  static <T> T during(Supplier<T> work) {
    Thread worker = Thread.currentThread();
    CountDownLatch finished = new CountDownLatch(1);
    Thread hook =
        Thread.ofPlatform()
            .unstarted(
                () -> {
                  worker.interrupt();
                  awaitUninterruptibly(finished);
                });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.get();
    } finally {
      finished.countDown();
      remove(hook);
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, and the hook with it.
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
