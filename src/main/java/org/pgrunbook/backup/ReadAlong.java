package org.pgrunbook.backup;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.store.Store;

/**
 * A second reader, with a thread of its own, of what a first one reads. The first is held up only
 * when the second has fallen so far behind that no more of it should be kept in memory: 2 MiB.
 */
final class ReadAlong<T> implements AutoCloseable {
  private static final int PIECE = 1 << 16;
  private static final int WAITING = 32;

  /** Nothing else is empty. */
  private static final byte[] END = {};

  private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(WAITING);
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final InputStream first;
  private final Thread thread;

  ReadAlong(InputStream in, Store.Reading<T> second) {
    first = new First(in);
    thread = Thread.startVirtualThread(Journal.carry(() -> read(second)));
  }

  private void read(Store.Reading<T> second) {
    try (InputStream in = new Second()) {
      try {
        result.complete(second.from(in));
      } finally {
        // What it leaves unread must not hold up the first.
        in.transferTo(OutputStream.nullOutputStream());
      }
    } catch (Throwable e) {
      result.completeExceptionally(e);
    }
  }

  /** What the first reader reads, to its end. */
  InputStream stream() {
    return first;
  }

  /**
   * What came of the second reader, once the first has read all.
   *
   * @throws Problem as the second did
   */
  T result() {
    try {
      return result.get();
    } catch (ExecutionException e) {
      throw Problem.of(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted").because(e);
    }
  }

  /** Gives the second reader up, if it still reads. */
  @Override
  public void close() {
    thread.interrupt();
  }

  private final class First extends FilterInputStream {
    private boolean ended;

    First(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = in.read(target, offset, Math.min(length, PIECE));
      if (count > 0) {
        hand(Arrays.copyOfRange(target, offset, offset + count));
      } else if (count < 0 && !ended) {
        ended = true;
        hand(END);
      }
      return count;
    }

    private void hand(byte[] piece) throws IOException {
      try {
        pieces.put(piece);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
  }

  private final class Second extends InputStream {
    private byte[] piece = new byte[1];
    private int at = 1;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (piece.length > 0 && at == piece.length) {
        piece = next();
        at = 0;
      }
      int count = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, target, offset, count);
      at += count;
      return piece.length == 0 ? -1 : count;
    }

    private byte[] next() throws IOException {
      try {
        return pieces.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
  }
}
