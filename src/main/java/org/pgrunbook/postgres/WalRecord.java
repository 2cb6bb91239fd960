package org.pgrunbook.postgres;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.pgrunbook.Problem;

/**
 * A record of the WAL, whose bytes come in page by page: PostgreSQL's XLogRecord. Of most kinds
 * only the checksum is computed; the bodies of those few that a recovery can stop at are kept.
 *
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/access/xlogrecord.h">xlogrecord.h</a>
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/access/xact.h">xact.h</a>
 */
final class WalRecord {
  /** XLogRecord without what follows it. */
  static final int HEADER = 24;

  private static final int CHECKSUM = 20;

  private static final int RM_XLOG = 0;
  private static final int XLOG_SWITCH = 0x40;
  private static final int XLOG_RESTORE_POINT = 0x70;

  private static final int RM_XACT = 1;
  private static final int XACT_OPERATION = 0x70;
  private static final int XACT_COMMIT = 0x00;
  private static final int XACT_ABORT = 0x20;
  private static final int XACT_COMMIT_PREPARED = 0x30;
  private static final int XACT_ABORT_PREPARED = 0x40;

  private static final int XLR_DATA_SHORT = 255;
  private static final int XLR_DATA_LONG = 254;
  private static final int XLR_ORIGIN = 253;
  private static final int XLR_TOPLEVEL_XID = 252;

  private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  private final long start;
  private final int length;
  private final ByteBuffer header;
  private final CRC32C checksum = new CRC32C();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private int taken;

  /** A record of which nothing has come in yet. */
  WalRecord(long start, int length, ByteOrder order) {
    this.start = start;
    this.length = length;
    header = ByteBuffer.allocate(HEADER).order(order);
  }

  long start() {
    return start;
  }

  /** How many of its bytes are still to come. */
  int missing() {
    return length - taken;
  }

  /** Takes the bytes that come next. */
  void take(ByteBuffer part) {
    taken += part.remaining();
    while (header.hasRemaining() && part.hasRemaining()) {
      header.put(part.get());
    }
    if (part.hasRemaining()) {
      if (isTransactionEnd() || isRestorePoint()) {
        byte[] bytes = new byte[part.remaining()];
        part.get(part.position(), bytes);
        body.writeBytes(bytes);
      }
      checksum.update(part);
    }
  }

  /**
   * Whether it is whole, undamaged and the one after {@code previous}; where that is not known, 0.
   * A record left over from an earlier use of the file has a good checksum but another predecessor.
   */
  boolean follows(long previous) {
    long before = header.getLong(8);
    checksum.update(header.slice(0, CHECKSUM));
    return (int) checksum.getValue() == header.getInt(CHECKSUM)
        && (previous == 0 ? Long.compareUnsigned(before, start) < 0 : before == previous);
  }

  /** Whether it ends its segment, whatever the bytes behind it. */
  boolean isSwitch() {
    return resourceManager() == RM_XLOG && (info() & 0xF0) == XLOG_SWITCH;
  }

  /** What a recovery can stop at, if it is such a record. */
  Optional<WalEvent> event(Version version, Lsn end) {
    if (isRestorePoint()) {
      return Optional.of(restorePoint(mainData(), end));
    }
    return isTransactionEnd()
        ? Optional.of(transactionEnd(mainData(), version, end))
        : Optional.empty();
  }

  private boolean isRestorePoint() {
    return resourceManager() == RM_XLOG && (info() & 0xF0) == XLOG_RESTORE_POINT;
  }

  private boolean isTransactionEnd() {
    return resourceManager() == RM_XACT
        && switch (info() & XACT_OPERATION) {
          case XACT_COMMIT, XACT_COMMIT_PREPARED, XACT_ABORT, XACT_ABORT_PREPARED -> true;
          default -> false;
        };
  }

  private int info() {
    return header.get(16);
  }

  private int resourceManager() {
    return header.get(17);
  }

  /** The header of the main data is the last of the headers; these records refer to no blocks. */
  private ByteBuffer mainData() {
    ByteBuffer data = ByteBuffer.wrap(body.toByteArray()).order(header.order());
    while (true) {
      int id = Byte.toUnsignedInt(data.get());
      switch (id) {
        case XLR_ORIGIN -> skip(data, Short.BYTES);
        case XLR_TOPLEVEL_XID -> skip(data, Integer.BYTES);
        case XLR_DATA_SHORT -> {
          return skip(data, Byte.BYTES);
        }
        case XLR_DATA_LONG -> {
          return skip(data, Integer.BYTES);
        }
        default ->
            throw Problem.failed(
                "WAL record %s has the unknown header %d".formatted(new Lsn(start), id));
      }
    }
  }

  /** The xl_restore_point. */
  private static WalEvent restorePoint(ByteBuffer data, Lsn end) {
    Instant time = time(data);
    byte[] name = new byte[data.remaining()];
    data.get(name);
    // Padded with zeros; in the encoding of the database where it was named, most likely UTF8.
    String text = new String(name, StandardCharsets.UTF_8);
    return new WalEvent.RestorePoint(text.substring(0, text.indexOf('\0')), time, end);
  }

  /** The xl_xact_commit or xl_xact_abort. */
  private WalEvent transactionEnd(ByteBuffer data, Version version, Lsn end) {
    Instant time = time(data);
    int operation = info() & XACT_OPERATION;
    boolean prepared = operation == XACT_COMMIT_PREPARED || operation == XACT_ABORT_PREPARED;
    int xid = prepared ? preparedXid(data, version) : header.getInt(4);
    boolean committed = operation == XACT_COMMIT || operation == XACT_COMMIT_PREPARED;
    return new WalEvent.TransactionEnd(Integer.toUnsignedLong(xid), committed, time, end);
  }

  /**
   * The xl_xact_twophase. Before it stand, in this order and if its bit in xinfo says so: the
   * database, subtransactions, dropped relations, dropped statistics and invalidations.
   */
  private static int preparedXid(ByteBuffer data, Version version) {
    int xinfo = data.getInt();
    if ((xinfo & 1) != 0) {
      skip(data, 8);
    }
    skipArray(data, xinfo, 1 << 1, 4);
    skipArray(data, xinfo, 1 << 2, 12);
    skipArray(data, xinfo, 1 << 8, version.major() >= 18 ? 16 : 12);
    skipArray(data, xinfo, 1 << 3, 16);
    return data.getInt();
  }

  private static void skipArray(ByteBuffer data, int xinfo, int flag, int itemLength) {
    if ((xinfo & flag) != 0) {
      int items = data.getInt();
      skip(data, items * itemLength);
    }
  }

  private static ByteBuffer skip(ByteBuffer data, int bytes) {
    return data.position(data.position() + bytes);
  }

  /** A TimestampTz. */
  private static Instant time(ByteBuffer data) {
    return EPOCH.plus(data.getLong(), ChronoUnit.MICROS);
  }
}
