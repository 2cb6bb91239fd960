package org.pgrunbook.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;

/**
 * What the first bytes of a WAL segment say of it: PostgreSQL's XLogLongPageHeaderData.
 *
 * @param version the major version of the server that wrote it
 * @param byteOrder of that server
 * @param timeline less than in the file's name in the segment where a timeline begins, because that
 *     starts with what the parent timeline had written
 * @param start where the segment begins; less than the file's name says if the file is an old one
 *     that was renamed and waits for new WAL
 * @param systemIdentifier P35: the cluster that it belongs to
 * @param segmentSize of every segment of the cluster
 * @param pageSize of every page in it
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/access/xlog_internal.h">xlog_internal.h</a>
 */
public record WalHeader(
    Version version,
    ByteOrder byteOrder,
    int timeline,
    Lsn start,
    long systemIdentifier,
    DataSize segmentSize,
    DataSize pageSize) {

  /** How many bytes it takes. */
  public static final int LENGTH = 40;

  private static final List<ByteOrder> ORDERS =
      List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);

  /** PostgreSQL changes XLOG_PAGE_MAGIC whenever it changes the format. */
  private static final Map<Integer, Integer> MAJOR_BY_MAGIC =
      Map.of(0xD110, 15, 0xD113, 16, 0xD116, 17, 0xD118, 18);

  /**
   * Reads the header of a segment, and nothing behind it.
   *
   * @throws Problem with exit 1 if this is no WAL of a version that we know
   */
  public static WalHeader read(InputStream segment) throws IOException {
    return of(segment.readNBytes(LENGTH));
  }

  /**
   * Whether a file that begins with these bytes was written under this name. If not, its server has
   * only laid it ready: it holds zeros, or what it was an earlier segment for.
   */
  public static boolean begins(WalSegment named, byte[] bytes) {
    return bytes.length >= LENGTH
        && ORDERS.stream()
            .map(order -> new WalPage(ByteBuffer.wrap(bytes).order(order)))
            .anyMatch(
                page ->
                    MAJOR_BY_MAGIC.containsKey(page.magic())
                        && page.address() == named.start().value());
  }

  /**
   * P35: asserts that the file holds what its name says.
   *
   * @throws Problem with exit 1 if it does not
   */
  public void require(WalSegment named) {
    if (!segmentSize.equals(named.size())) {
      throw Problem.failed("WAL segments are of %s, not %s".formatted(segmentSize, named.size()));
    }
    if (!start.equals(named.start())) {
      throw Problem.failed(
              "the file holds the WAL from %s, not from %s".formatted(start, named.start()))
          .hint("In pg_wal it may be an old file that waits, renamed, for new WAL.");
    }
    if (Integer.compareUnsigned(timeline, named.timeline()) > 0) {
      throw Problem.failed("the file is of the later timeline " + timeline);
    }
  }

  boolean hasFormatOf(WalPage page) {
    return MAJOR_BY_MAGIC.getOrDefault(page.magic(), 0) == version.major();
  }

  static WalHeader of(byte[] bytes) {
    if (bytes.length < LENGTH) {
      throw Problem.failed("a WAL segment has only " + bytes.length + " bytes");
    }
    for (ByteOrder order : ORDERS) {
      WalPage page = new WalPage(ByteBuffer.wrap(bytes).order(order));
      Integer major = MAJOR_BY_MAGIC.get(page.magic());
      if (major != null) {
        return of(page, new Version(major, 0)).requirePlausible();
      }
    }
    throw Problem.failed(
            "no WAL segment, for it begins with %02x%02x".formatted(bytes[0], bytes[1]))
        .hint(
            "It must be of PostgreSQL %d to %d, neither compressed nor encrypted."
                .formatted(Version.OLDEST, Version.NEWEST));
  }

  private static WalHeader of(WalPage page, Version version) {
    ByteBuffer bytes = page.bytes();
    return new WalHeader(
        version,
        bytes.order(),
        page.timeline(),
        new Lsn(page.address()),
        bytes.getLong(24),
        new DataSize(bytes.getInt(32)),
        new DataSize(bytes.getInt(36)));
  }

  /** No checksum guards the header, and its sizes steer what we allocate. */
  private WalHeader requirePlausible() {
    boolean plausible =
        powerOfTwo(segmentSize, 1 << 20, 1 << 30)
            && powerOfTwo(pageSize, 1 << 10, 1 << 16)
            && start.value() % segmentSize.bytes() == 0;
    if (!plausible) {
      throw Problem.failed("the header of WAL segment " + start + " is damaged");
    }
    return this;
  }

  private static boolean powerOfTwo(DataSize size, int least, int most) {
    return size.bytes() >= least && size.bytes() <= most && Long.bitCount(size.bytes()) == 1;
  }
}
