package org.pgrunbook.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.IntConsumer;

/** Stdout, which counts what is read and does not end before it is known how the command ended. */
final class Stdout extends InputStream {

  /** How the command ended. */
  @FunctionalInterface
  interface Ending {
    /** Waits for the exit status; fails if it is not an accepted one. */
    int await() throws IOException;
  }

  private final InputStream from;
  private final IntConsumer moved;
  private final Ending ending;

  Stdout(InputStream from, IntConsumer moved, Ending ending) {
    this.from = from;
    this.moved = moved;
    this.ending = ending;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = from.read(bytes, offset, length);
    if (count < 0) {
      ending.await();
    } else {
      moved.accept(count);
    }
    return count;
  }
}
