package org.pgrunbook.postgres;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A page of a table or an index, as it lies in its file: PostgreSQL's PageHeaderData, and what
 * follows it.
 *
 * @see <a href="https://www.postgresql.org/docs/current/storage-page-layout.html">Database page
 *     layout</a>
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/storage/checksum_impl.h">checksum_impl.h</a>
 */
public final class DataPage {
  private static final int CHECKSUM = 8;
  private static final int UPPER = 14;
  private static final int SIZE_AND_VERSION = 18;

  /** FNV-1a, 32 times side by side, with a shift that the original lacks. */
  private static final int PRIME = 16777619;

  private static final int SHIFT = 17;

  private static final int[] BASE_OFFSETS = {
    0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
    0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
    0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
    0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
  };

  private static final VarHandle LITTLE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle BIG =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private final ByteBuffer header;

  /** A page of those bytes, all of them. */
  public DataPage(byte[] bytes) {
    this.bytes = bytes;
    ByteBuffer little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    // The page says its own size, which tells in which order its server writes.
    boolean isLittle = (little.getShort(SIZE_AND_VERSION) & 0xFF00) == (bytes.length & 0xFF00);
    this.header = isLittle ? little : little.order(ByteOrder.BIG_ENDIAN);
  }

  /** Whether the server has only made room for it: such a page has no checksum yet. */
  public boolean isNew() {
    return header.getShort(UPPER) == 0;
  }

  /** Up to where the WAL must be on the disk before this page may be. */
  public Lsn lsn() {
    return new Lsn(
        Integer.toUnsignedLong(header.getInt(0)) << 32 | Integer.toUnsignedLong(header.getInt(4)));
  }

  /**
   * Whether its checksum is the one that it says.
   *
   * @param block its number within its fork, counted over all the files of it
   */
  public boolean hasChecksum(long block) {
    int said = Short.toUnsignedInt(header.getShort(CHECKSUM));
    return said == Integer.remainderUnsigned(hash() ^ (int) block, 65535) + 1;
  }

  /** The checksum counts as zero in what is hashed. */
  private int hash() {
    VarHandle words = header.order() == ByteOrder.LITTLE_ENDIAN ? LITTLE : BIG;
    int[] sums = BASE_OFFSETS.clone();
    byte first = bytes[CHECKSUM];
    byte second = bytes[CHECKSUM + 1];
    bytes[CHECKSUM] = 0;
    bytes[CHECKSUM + 1] = 0;
    for (int at = 0; at < bytes.length; at += sums.length * Integer.BYTES) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = mixed(sums[i], (int) words.get(bytes, at + i * Integer.BYTES));
      }
    }
    bytes[CHECKSUM] = first;
    bytes[CHECKSUM + 1] = second;
    int result = 0;
    for (int sum : sums) {
      result ^= mixed(mixed(sum, 0), 0);
    }
    return result;
  }

  private static int mixed(int sum, int value) {
    int mixed = sum ^ value;
    return mixed * PRIME ^ (mixed >>> SHIFT);
  }
}
