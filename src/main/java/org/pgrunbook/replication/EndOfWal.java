package org.pgrunbook.replication;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.WalSegment;
import org.pgrunbook.ssh.Command;

/**
 * Finds where the WAL of a server that no longer writes ends, as its own crash recovery would: from
 * a known position it walks from record to record until one is not whole. Only what lies behind
 * that position is read from the host.
 *
 * @see <a href="https://www.postgresql.org/docs/current/wal-internals.html">WAL internals</a>
 */
final class EndOfWal {
  /** How much is fetched at once. */
  private static final int CHUNK = 1 << 20;

  // xlog_internal.h: the header of a page, the longer one of a segment's first page, and the flags.
  private static final int PAGE_HEADER = 24;
  private static final int LONG_PAGE_HEADER = 40;
  private static final int CONTINUES_RECORD = 0x0001;
  private static final int IS_LONG = 0x0002;

  // xlogrecord.h: a record's header, and where in it is what we look at.
  private static final int RECORD_HEADER = 24;
  private static final int INFO = 16;
  private static final int RESOURCE_MANAGER = 17;
  private static final int CHECKSUM = 20;
  private static final int SWITCH = 0x40;

  private static final String READ = "[ ! -e \"$1\" ] || tail -c +\"$2\" \"$1\" | head -c \"$3\"";

  private final Node node;
  private final int timeline;
  private final DataSize segmentSize;
  private final int pageSize;
  private ByteBuffer chunk = ByteBuffer.allocate(0);
  private long chunkStart;

  EndOfWal(Node node, ControlFile control) {
    this.node = node;
    this.timeline = timeline(control);
    this.segmentSize = control.initial().walSegmentSize();
    this.pageSize = (int) control.initial().walBlockSize().bytes();
  }

  /** The timeline that a server wrote last; right after a promotion its checkpoint is older. */
  static int timeline(ControlFile control) {
    return Math.max(control.checkpoint().timeline(), control.recovery().minimumEndTimeline());
  }

  /**
   * The end of the last whole record, or the given position if that is later.
   *
   * @param from up to where the WAL is known to be good; may be in the midst of a record
   * @return empty if the server has no WAL there
   */
  Optional<Lsn> after(Lsn from) {
    if (from.equals(Lsn.NONE)) {
      return Optional.empty();
    }
    // The page of the last byte: the one that begins at the position may not exist yet.
    long page = (from.value() - 1) / pageSize * pageSize;
    if (data(page) == null) {
      if (!isEndOfSwitchedSegment(page, from.value())) {
        return Optional.empty();
      }
      if (data(from.value()) == null) {
        return Optional.of(from);
      }
      page = from.value();
    }
    long end = firstRecord(page);
    for (long next = end; next > 0; next = endOfRecord(next)) {
      end = next;
    }
    return Optional.of(Lsn.latest(from, new Lsn(end)));
  }

  /** What pg_switch_wal() leaves of a segment is zeros, page headers included. */
  private boolean isEndOfSwitchedSegment(long start, long end) {
    ByteBuffer page = page(start);
    return end % segmentSize.bytes() == 0 && page != null && page.getLong(8) == 0;
  }

  /** Where the first record begins that begins on a page or behind it; 0 if there is none. */
  private long firstRecord(long page) {
    for (long start = page; ; start += pageSize) {
      ByteBuffer data = data(start);
      if (data == null) {
        return 0;
      }
      int rest = continues(data) ? remaining(data) : 0;
      if (rest < data.remaining()) {
        return start + data.position() + aligned(rest);
      }
    }
  }

  /** Where the record ends that begins at a position; 0 if none does, or not a whole one. */
  private long endOfRecord(long start) {
    ByteBuffer data = data(start);
    if (data == null || (start % pageSize == 0 && continues(data))) {
      return 0;
    }
    long at = start - start % pageSize;
    int length = data.getInt(data.position()); // aligned, so these four bytes are on one page
    byte[] header = new byte[RECORD_HEADER];
    CRC32C checksum = new CRC32C();
    for (int done = 0; done < length; ) {
      if (done > 0) {
        at += pageSize;
        data = data(at);
        if (data == null || !continues(data) || remaining(data) != length - done) {
          return 0;
        }
      }
      int part = Math.min(length - done, data.remaining());
      int ofHeader = Math.clamp(RECORD_HEADER - done, 0, part);
      data.get(header, Math.min(done, RECORD_HEADER), ofHeader);
      ByteBuffer body = data.slice(data.position(), part - ofHeader);
      checksum.update(body);
      data.position(data.position() + part - ofHeader);
      done += part;
    }
    checksum.update(header, 0, CHECKSUM);
    int expected = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(CHECKSUM);
    if (length < RECORD_HEADER || (int) checksum.getValue() != expected) {
      return 0;
    }
    // Nothing more follows in a segment after pg_switch_wal().
    boolean switches = header[RESOURCE_MANAGER] == 0 && (header[INFO] & 0xF0) == SWITCH;
    long end = at + aligned(data.position());
    return switches ? WalSegment.endingAt(new Lsn(end), timeline, segmentSize).end().value() : end;
  }

  /** The page of a position, from there on and behind its header; null if it was never written. */
  private ByteBuffer data(long position) {
    int offset = (int) (position % pageSize);
    long start = position - offset;
    ByteBuffer page = page(start);
    // What is left in a recycled segment has the address of its former life.
    if (page == null || page.getLong(8) != start) {
      return null;
    }
    int header = (page.getShort(2) & IS_LONG) != 0 ? LONG_PAGE_HEADER : PAGE_HEADER;
    return page.position(Math.max(offset, header));
  }

  private ByteBuffer page(long start) {
    if (start < chunkStart || start + pageSize > chunkStart + chunk.capacity()) {
      WalSegment segment = WalSegment.containing(new Lsn(start), timeline, segmentSize);
      String file = node.getPostmaster().getData() + "/pg_wal/" + segment.name();
      String from = String.valueOf(start - segment.start().value() + 1);
      chunk =
          ByteBuffer.wrap(
              node.getSsh()
                  .run(Command.probeScript(READ, file, from, String.valueOf(CHUNK)))
                  .bytes());
      chunkStart = start;
    }
    return chunk.capacity() < pageSize
        ? null
        : chunk
            .slice((int) (start - chunkStart), pageSize)
            .order(ByteOrder.LITTLE_ENDIAN); // another order has no page address that is right
  }

  private static boolean continues(ByteBuffer page) {
    return (page.getShort(2) & CONTINUES_RECORD) != 0;
  }

  private static int remaining(ByteBuffer page) {
    return page.getInt(16);
  }

  private static int aligned(int length) {
    return (length + 7) & ~7;
  }
}
