package org.pgrunbook.backup;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;

/**
 * Lets at most so many bytes a second pass, over all streams that share it. Who reads slowly makes
 * the host send slowly: SSH lets no more be under way than fits into its window. Time in which
 * nothing passed is not made up for later.
 */
final class RateLimit {
  /** In a second there are at least so many reads, so that no stream waits long for its turn. */
  private static final int READS = 10;

  private final Time time;
  private final long perSecond;
  private long free;

  /**
   * A limit.
   *
   * @param perSecond how many bytes; null: as many as come
   * @throws Problem with exit 2 if that is none
   */
  RateLimit(DataSize perSecond, Time time) {
    if (perSecond != null && perSecond.bytes() < 1) {
      throw Problem.usage("at " + perSecond + " a second nothing would ever arrive")
          .hint("Leave the limit out, or give what the network can spare, such as 50MB.");
    }
    this.time = time;
    this.perSecond = perSecond == null ? Long.MAX_VALUE : perSecond.bytes();
    this.free = time.nanos();
  }

  /** The same stream, as fast as the limit lets it come. */
  InputStream on(InputStream in) {
    return perSecond == Long.MAX_VALUE ? in : new Limited(in);
  }

  private void passed(int bytes) {
    time.sleep(untilFree(bytes));
  }

  private synchronized Duration untilFree(int bytes) {
    long now = time.nanos();
    long begin = free - now > 0 ? free : now;
    free = begin + Math.round(bytes * 1e9 / perSecond);
    return Duration.ofNanos(free - now);
  }

  private final class Limited extends FilterInputStream {
    Limited(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int most = (int) Math.min(length, Math.max(1, perSecond / READS));
      int count = in.read(target, offset, most);
      if (count > 0) {
        passed(count);
      }
      return count;
    }
  }
}
