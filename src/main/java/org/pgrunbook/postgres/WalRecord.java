package org.pgrunbook.postgres;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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
 *     href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/access/heapam_xlog.h">heapam_xlog.h</a>
 */
final class WalRecord {
  /** XLogRecord without what follows it. */
  static final int HEADER = 24;

  private static final int CHECKSUM = 20;

  private static final int RM_XLOG = 0;
  private static final int XLOG_SWITCH = 0x40;
  private static final int XLOG_RESTORE_POINT = 0x70;

  private static final int RM_XACT = 1;

  private static final int RM_HEAP = 10;
  private static final int HEAP_OPERATION = 0x70;
  private static final int HEAP_DELETE = 0x10;
  private static final int HEAP_UPDATE = 0x20;
  private static final int HEAP_HOT_UPDATE = 0x40;

  private static final int XLR_DATA_SHORT = 255;
  private static final int XLR_DATA_LONG = 254;
  private static final int XLR_ORIGIN = 253;
  private static final int XLR_TOPLEVEL_XID = 252;

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
    return isTransactionEnd() ? Optional.of(transaction(version).event(end)) : Optional.empty();
  }

  /** The end of a transaction in all its parts; of such a record only. */
  private TransactionRecord transaction(Version version) {
    return TransactionRecord.of(mainData(), info(), xid(), version);
  }

  /** Tells whoever adds up what is taken away; its body has to have been kept. */
  void tell(Removals removals, Version version, Lsn end) {
    if (isTransactionEnd()) {
      removals.ended(transaction(version), end);
    } else if (resourceManager() == RM_HEAP) {
      switch (info() & HEAP_OPERATION) {
        case HEAP_DELETE -> removals.deleted(xid(), references().getFirst().block());
        case HEAP_UPDATE, HEAP_HOT_UPDATE ->
            removals.updated(xid(), references().getFirst().block());
        default -> {}
      }
    }
  }

  /** Who wrote it: a transaction, or a subtransaction of one; 0 if neither did. */
  private long xid() {
    return Integer.toUnsignedLong(header.getInt(4));
  }

  private boolean isRestorePoint() {
    return resourceManager() == RM_XLOG && (info() & 0xF0) == XLOG_RESTORE_POINT;
  }

  private boolean isTransactionEnd() {
    return resourceManager() == RM_XACT && TransactionRecord.isEnd(info());
  }

  private int info() {
    return header.get(16);
  }

  private int resourceManager() {
    return header.get(17);
  }

  /** The pages that its replay writes as a whole, whatever they held. */
  List<RelationFile.Block> rewritten() {
    return references().stream().filter(Reference::whole).map(Reference::block).toList();
  }

  /** A page that it refers to, and whether its replay writes that as a whole. */
  private record Reference(RelationFile.Block block, boolean whole) {}

  private List<Reference> references() {
    ByteBuffer data = ByteBuffer.wrap(body.toByteArray()).order(header.order());
    List<Reference> blocks = new ArrayList<>();
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
      blocks.add(
          new Reference(
              new RelationFile.Block(database, relation, flags & FORK, number),
              (flags & (HAS_IMAGE | WILL_INIT)) != 0));
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
    Instant time = TransactionRecord.time(data);
    byte[] name = new byte[data.remaining()];
    data.get(name);
    // Padded with zeros; in the encoding of the database where it was named, most likely UTF8.
    String text = new String(name, StandardCharsets.UTF_8);
    return new WalEvent.RestorePoint(text.substring(0, text.indexOf('\0')), time, end);
  }

  private static ByteBuffer skip(ByteBuffer data, int bytes) {
    return data.position(data.position() + bytes);
  }
}
