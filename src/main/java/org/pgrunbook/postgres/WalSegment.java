package org.pgrunbook.postgres;

import java.util.List;
import java.util.stream.LongStream;
import org.pgrunbook.DataSize;

/**
 * A WAL segment of one timeline: the file {@code 000000010000000000000003}.
 *
 * @param timeline the timeline, from 1
 * @param number counts the segments of all timelines from the LSN 0/0
 * @param size of every segment of the cluster, 16 MB unless initdb was told otherwise
 * @see <a href="https://www.postgresql.org/docs/current/wal-internals.html">WAL internals</a>
 */
public record WalSegment(int timeline, long number, DataSize size)
    implements Comparable<WalSegment> {
  /** Segments are named as if they lay in files of this size. */
  private static final long FILE = 1L << 32;

  /**
   * The segment that holds the byte at an LSN. At a boundary that is the segment which begins
   * there.
   */
  public static WalSegment containing(Lsn lsn, int timeline, DataSize size) {
    return new WalSegment(timeline, Long.divideUnsigned(lsn.value(), size.bytes()), size);
  }

  /**
   * The segment that must be there so that the WAL reaches up to an LSN: that of the byte before,
   * so at a boundary the one which ends there. Of a stop LSN {@code pg_walfile_name} says the same
   * up to PostgreSQL 16; from 17 on it names the segment that begins at the boundary, which nobody
   * may ever write.
   */
  public static WalSegment endingAt(Lsn lsn, int timeline, DataSize size) {
    return containing(new Lsn(lsn.value() - 1), timeline, size);
  }

  /** All segments of one timeline with the WAL from {@code start} up to {@code stop}. */
  public static List<WalSegment> range(Lsn start, Lsn stop, int timeline, DataSize size) {
    if (start.reaches(stop)) {
      return List.of();
    }
    long first = containing(start, timeline, size).number;
    long last = endingAt(stop, timeline, size).number;
    return LongStream.rangeClosed(first, last)
        .mapToObj(number -> new WalSegment(timeline, number, size))
        .toList();
  }

  /** Where it begins. */
  public Lsn start() {
    return new Lsn(number * size.bytes());
  }

  /** Where the next one begins. */
  public Lsn end() {
    return start().plus(size);
  }

  /** The segment after this one on the same timeline. */
  public WalSegment next() {
    return new WalSegment(timeline, number + 1, size);
  }

  /** The name of its file, 24 hexadecimal digits. */
  public String name() {
    long perFile = FILE / size.bytes();
    return "%08X%08X%08X".formatted(timeline, number / perFile, number % perFile);
  }

  @Override
  public int compareTo(WalSegment other) {
    int byTimeline = Integer.compareUnsigned(timeline, other.timeline);
    return byTimeline != 0 ? byTimeline : Long.compare(number, other.number);
  }

  /** Its name. */
  @Override
  public String toString() {
    return name();
  }
}
