package org.pgrunbook.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Bytes on their way from one thread to another, through a buffer of fixed size. Every wait ends
 * with the limit, and can be interrupted; JSch's own pipe does neither and is a third slower.
 */
final class Pipe {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Limit limit;
  private final byte[] buffer;
  private int start;
  private int length;
  private boolean ended;
  private IOException broken;

  Pipe(int capacity, Limit limit) {
    this.buffer = new byte[capacity];
    this.limit = limit;
  }

  /** How much of it may be taken at once, at most so much. */
  int size(int most) {
    return Math.min(most, buffer.length);
  }

  /** Makes both ends fail from now on; what is in the buffer is lost. */
  void fail(IOException reason) {
    lock.lock();
    try {
      broken = broken == null ? reason : broken;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void put(byte[] bytes, int from, int count) throws IOException {
    lock.lock();
    try {
      for (int done = 0; done < count; ) {
        await(() -> length < buffer.length || ended);
        if (ended) {
          throw new IOException("the stream is closed");
        }
        int at = (start + length) % buffer.length;
        int room = Math.min(buffer.length - length, buffer.length - at);
        int step = Math.min(count - done, room);
        System.arraycopy(bytes, from + done, buffer, at, step);
        done += step;
        length += step;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private int take(byte[] bytes, int from, int count) throws IOException {
    lock.lock();
    try {
      await(() -> length > 0 || ended);
      if (length == 0) {
        return -1;
      }
      int step = Math.min(count, Math.min(length, buffer.length - start));
      System.arraycopy(buffer, start, bytes, from, step);
      start = (start + step) % buffer.length;
      length -= step;
      changed.signalAll();
      return step;
    } finally {
      lock.unlock();
    }
  }

  private void await(BooleanSupplier ready) throws IOException {
    while (broken == null && !ready.getAsBoolean()) {
      long patience = limit.untilMove();
      if (patience <= 0) {
        throw limit.exceed();
      }
      try {
        changed.awaitNanos(patience);
      } catch (InterruptedException e) {
        throw Limit.interrupted();
      }
    }
    if (broken != null) {
      throw new IOException(broken.getMessage(), broken);
    }
  }

  /** Where bytes go in; closing it is the end of the stream. */
  OutputStream sink() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        put(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int count) throws IOException {
        put(bytes, from, count);
      }

      @Override
      public void close() {
        end();
      }
    };
  }

  /** Where bytes come out. */
  InputStream source() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int from, int count) throws IOException {
        return count == 0 ? 0 : take(bytes, from, count);
      }
    };
  }
}
