package org.pgrunbook.postgres;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
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

  /** XLogRecordBlockHeader: the fork in the low bits, and what follows in the others. */
  private static final int HIGHEST_BLOCK_ID = 32;

  private static final int FORK = 0x0F;
  private static final int HAS_IMAGE = 0x10;
  private static final int WILL_INIT = 0x40;
  private static final int SAME_RELATION = 0x80;

  /** XLogRecordBlockImageHeader: with both of these the length of the hole follows. */
  private static final int HAS_HOLE = 0x01;

  private static final int COMPRESSED = 0x04 | 0x08 | 0x10;

  private final long start;
  private final int length;
  private final boolean whole;
  private final ByteBuffer header;
  private final CRC32C checksum = new CRC32C();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private int taken;

  /**
   * A record of which nothing has come in yet.
   *
   * @param whole whether its body is kept whatever its kind, so that its blocks can be asked for
   */
  WalRecord(long start, int length, boolean whole, ByteOrder order) {
    this.start = start;
    this.length = length;
    this.whole = whole;
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
      if (whole || isTransactionEnd() || isRestorePoint()) {
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

  /** The pages that its replay writes as a whole, whatever they held. */
  List<RelationFile.Block> rewritten() {
    ByteBuffer data = ByteBuffer.wrap(body.toByteArray()).order(header.order());
    List<RelationFile.Block> blocks = new ArrayList<>();
    long database = 0;
    long relation = 0;
    int behind = 0;
    while (data.remaining() > behind) {
      int id = Byte.toUnsignedInt(data.get());
      if (id > HIGHEST_BLOCK_ID) {
        if (id == XLR_DATA_SHORT || id == XLR_DATA_LONG) {
          break; // the last of the headers
        }
        skip(data, id == XLR_ORIGIN ? Short.BYTES : Integer.BYTES);
        continue;
      }
      int flags = data.get();
      behind += Short.toUnsignedInt(data.getShort());
      if ((flags & HAS_IMAGE) != 0) {
        behind += Short.toUnsignedInt(data.getShort());
        skip(data, Short.BYTES);
        int image = data.get();
        skip(data, (image & HAS_HOLE) != 0 && (image & COMPRESSED) != 0 ? Short.BYTES : 0);
      }
      if ((flags & SAME_RELATION) == 0) {
        skip(data, Integer.BYTES);
        database = Integer.toUnsignedLong(data.getInt());
        relation = Integer.toUnsignedLong(data.getInt());
      }
      long number = Integer.toUnsignedLong(data.getInt());
      if ((flags & (HAS_IMAGE | WILL_INIT)) != 0) {
        blocks.add(new RelationFile.Block(database, relation, flags & FORK, number));
      }
    }
    return blocks;
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
