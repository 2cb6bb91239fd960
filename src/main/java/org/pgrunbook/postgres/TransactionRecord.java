package org.pgrunbook.postgres;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * How a transaction ended, as its record in the WAL says it: PostgreSQL's xl_xact_commit or
 * xl_xact_abort, with what stands behind it if its bit in xinfo says so, in this order: the
 * database, subtransactions, dropped files, dropped statistics, invalidations, the prepared
 * transaction.
 *
 * @param xid its own, without the epoch; a prepared transaction's, not that of the command that
 *     ended it
 * @param committed false: it was rolled back
 * @param time when, by the server's clock
 * @param children its subtransactions that ended with it
 * @param files what it dropped: the first file of each relation
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/access/xact.h">xact.h</a>
 */
record TransactionRecord(
    long xid, boolean committed, Instant time, List<Long> children, List<RelationFile> files) {
  private static final int OPERATION = 0x70;
  private static final int COMMIT = 0x00;
  private static final int ABORT = 0x20;
  private static final int COMMIT_PREPARED = 0x30;
  private static final int ABORT_PREPARED = 0x40;
  private static final int HAS_INFO = 0x80;

  private static final int HAS_DATABASE = 1;
  private static final int HAS_CHILDREN = 1 << 1;
  private static final int HAS_FILES = 1 << 2;
  private static final int HAS_INVALIDATIONS = 1 << 3;
  private static final int HAS_DROPPED_STATISTICS = 1 << 8;

  private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  /** Whether a record of transactions with these flags is one of their ends. */
  static boolean isEnd(int info) {
    return switch (info & OPERATION) {
      case COMMIT, COMMIT_PREPARED, ABORT, ABORT_PREPARED -> true;
      default -> false;
    };
  }

  /** Reads it from the main data of its record. */
  static TransactionRecord of(ByteBuffer data, int info, long writer, Version version) {
    int operation = info & OPERATION;
    Instant time = time(data);
    int xinfo = (info & HAS_INFO) == 0 ? 0 : data.getInt();
    if ((xinfo & HAS_DATABASE) != 0) {
      skip(data, 8);
    }
    List<Long> children = new ArrayList<>();
    for (int left = count(data, xinfo, HAS_CHILDREN); left > 0; left--) {
      children.add(Integer.toUnsignedLong(data.getInt()));
    }
    List<RelationFile> files = new ArrayList<>();
    for (int left = count(data, xinfo, HAS_FILES); left > 0; left--) {
      skip(data, Integer.BYTES); // the tablespace
      long database = Integer.toUnsignedLong(data.getInt());
      files.add(new RelationFile(database, Integer.toUnsignedLong(data.getInt()), 0, 0));
    }
    long xid = writer;
    if (operation == COMMIT_PREPARED || operation == ABORT_PREPARED) {
      int statistic = version.major() >= 18 ? 16 : 12;
      skip(data, statistic * count(data, xinfo, HAS_DROPPED_STATISTICS));
      skip(data, 16 * count(data, xinfo, HAS_INVALIDATIONS));
      xid = Integer.toUnsignedLong(data.getInt());
    }
    boolean committed = operation == COMMIT || operation == COMMIT_PREPARED;
    return new TransactionRecord(xid, committed, time, List.copyOf(children), List.copyOf(files));
  }

  /** As something that a recovery can stop at. */
  WalEvent event(Lsn end) {
    return new WalEvent.TransactionEnd(xid, committed, time, end);
  }

  private static int count(ByteBuffer data, int xinfo, int flag) {
    return (xinfo & flag) == 0 ? 0 : data.getInt();
  }

  private static void skip(ByteBuffer data, int bytes) {
    data.position(data.position() + bytes);
  }

  /** A TimestampTz. */
  static Instant time(ByteBuffer data) {
    return EPOCH.plus(data.getLong(), ChronoUnit.MICROS);
  }
}
