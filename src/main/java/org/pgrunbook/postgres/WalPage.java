package org.pgrunbook.postgres;

import java.nio.ByteBuffer;

/**
 * A page of WAL, or as much of it as there is: PostgreSQL's XLogPageHeaderData, then records.
 *
 * @param bytes in the byte order of the server, with the page's header at least
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/access/xlog_internal.h">xlog_internal.h</a>
 */
record WalPage(ByteBuffer bytes) {
  /** XLogPageHeaderData, with its padding. */
  static final int SHORT_HEADER = 24;

  /** XLogRecordMaxSize. */
  private static final int LONGEST_RECORD = 1020 << 20;

  private static final int FIRST_IS_CONTRECORD = 0x0001;
  private static final int LONG_HEADER = 0x0002;
  private static final int FIRST_IS_OVERWRITE_CONTRECORD = 0x0008;
  private static final int ALL_FLAGS = 0x000F;

  int magic() {
    return Short.toUnsignedInt(bytes.getShort(0));
  }

  /** The timeline of its first record. */
  int timeline() {
    return bytes.getInt(4);
  }

  long address() {
    return bytes.getLong(8);
  }

  /** How much of a record that began on an earlier page is still to come, from this page on. */
  int remaining() {
    return bytes.getInt(16);
  }

  /** Whether it begins inside a record. */
  boolean continues() {
    return has(FIRST_IS_CONTRECORD);
  }

  /**
   * Whether the record that the page before had begun is void: the server crashed before it had
   * written the rest.
   */
  boolean overwrites() {
    return has(FIRST_IS_OVERWRITE_CONTRECORD);
  }

  boolean isPlausible() {
    return (flags() & ~ALL_FLAGS) == 0 && remaining() >= 0 && remaining() <= LONGEST_RECORD;
  }

  int headerLength() {
    return has(LONG_HEADER) ? WalHeader.LENGTH : SHORT_HEADER;
  }

  private boolean has(int flag) {
    return (flags() & flag) != 0;
  }

  private int flags() {
    return bytes.getShort(2);
  }
}
