package org.pgrunbook.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.WalEvent.TransactionEnd;

/**
 * Reads WAL segments one after the other and tells what a recovery can stop at: the ends of
 * transactions and the restore points.
 *
 * <p>It believes what PostgreSQL's own reader would believe: every record has its checksum and
 * names the record before it. A record may go on in the next segment; one that began before the
 * first segment that is read is passed over. In memory are one page and, while it comes in, a
 * record that is told.
 *
 * <p>For the WAL of 64-bit servers, which align their records to 8 bytes.
 *
 * @see <a href="https://www.postgresql.org/docs/current/wal-internals.html">WAL internals</a>
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/access/transam/xlogreader.c">xlogreader.c</a>
 */
public final class WalReader {
  /** Why a segment was read no further. */
  public enum Ending {
    /** It was read to its last byte; the WAL goes on in the next one. */
    FULL,
    /** The server switched to the next segment before this one was full. */
    SWITCHED,
    /** From here on there are zeros, or what the file held before PostgreSQL reused it. */
    UNWRITTEN,
    /** The file ends before the segment does. */
    TRUNCATED,
    /**
     * What comes next is no record. In an archived segment that is damage; where a server crashed
     * it may be how far it got.
     */
    INVALID
  }

  /**
   * How far a segment was read.
   *
   * @param header what the segment says of itself
   * @param pages how many of its pages were there to be read
   * @param end where the last whole record ends; where the reading began if none was read yet
   * @param ending why nothing was read after that
   */
  public record Reading(WalHeader header, int pages, Lsn end, Ending ending) {
    /** Whether the WAL goes on in the next segment. */
    public boolean goesOn() {
      return ending == Ending.FULL || ending == Ending.SWITCHED;
    }

    Lsn next() {
      return header.start().plus(header.segmentSize());
    }
  }

  private final Consumer<? super WalEvent> listener;

  /**
   * Hears of the pages that a replay writes as a whole; absent: their records are not looked at.
   */
  private final Optional<Consumer<? super RelationFile.Block>> rewritten;

  /** Adds up what transactions take away; absent: nobody wants to know. */
  private final Optional<Removals> removals;

  /** Of the segment that was read before; null before the first. */
  private Reading before;

  /** The record that has come in but for a part; null between records. */
  private WalRecord record;

  /** Where the last whole record began; 0 before the first. */
  private long previous;

  private Lsn end;
  private int timeline;
  private int pages;

  /** A reader that tells the events to a listener in the order of the WAL. */
  public WalReader(Consumer<? super WalEvent> listener) {
    this(listener, Optional.empty(), Optional.empty());
  }

  private WalReader(
      Consumer<? super WalEvent> listener,
      Optional<Consumer<? super RelationFile.Block>> rewritten,
      Optional<Removals> removals) {
    this.listener = listener;
    this.rewritten = rewritten;
    this.removals = removals;
  }

  /**
   * A reader that tells the pages which a replay of the WAL writes as a whole, whatever they held:
   * those that are in it as an image, and those that it begins anew.
   */
  public static WalReader ofRewrittenBlocks(Consumer<? super RelationFile.Block> listener) {
    return new WalReader(event -> {}, Optional.of(listener), Optional.empty());
  }

  /**
   * A reader that tells, besides the events, what each committed transaction has taken away: rows
   * that it deleted or wrote anew, and files. What a transaction did before the first segment that
   * is read is not counted.
   */
  public static WalReader ofRemovals(
      Consumer<? super WalEvent> listener, Consumer<? super Removal> removed) {
    return new WalReader(listener, Optional.empty(), Optional.of(new Removals(removed)));
  }

  /**
   * The newest commit by its time, which need not be the last one, among those whose records lie in
   * one segment as far as it can be read. P41: a later target time can still be reached if a
   * transaction was rolled back after it.
   *
   * @throws Problem as {@link #read} does
   */
  public static Optional<TransactionEnd> lastCommit(WalSegment segment, InputStream bytes)
      throws IOException {
    var newest = new AtomicReference<TransactionEnd>();
    Consumer<WalEvent> keepNewest =
        event -> {
          if (event instanceof TransactionEnd transaction
              && transaction.committed()
              && (newest.get() == null || transaction.time().isAfter(newest.get().time()))) {
            newest.set(transaction);
          }
        };
    new WalReader(keepNewest).read(segment, bytes);
    return Optional.ofNullable(newest.get());
  }

  /**
   * Reads a segment: the first one, or the one after that which was read before, on the same
   * timeline or on a child of it.
   *
   * @param segment as the file is named
   * @param bytes of the file, uncompressed; they are not closed, and not read on when the WAL ends
   * @throws Problem with exit 1 if this is no WAL of a version that we know, if it is not this
   *     segment's, or if it does not follow what was read before
   */
  public Reading read(WalSegment segment, InputStream bytes) throws IOException {
    return read(segment, segment.start(), bytes);
  }

  /**
   * Reads a segment from one of its pages on; what is only the rest of a record there is passed
   * over.
   *
   * @param page where that page begins
   * @param bytes of the file: its first {@link WalHeader#LENGTH}, and then those from the page on
   * @throws Problem as {@link #read(WalSegment, InputStream)} does
   */
  public Reading read(WalSegment segment, Lsn page, InputStream bytes) throws IOException {
    try {
      byte[] start = bytes.readNBytes(WalHeader.LENGTH);
      WalHeader header = WalHeader.of(start);
      header.require(segment);
      requireNext(header);
      if (previous == 0) {
        end = page;
      }
      pages = 0;
      byte[] begun = page.equals(segment.start()) ? start : new byte[0];
      Ending ending = readPages(header, page, begun, bytes);
      before = new Reading(header, pages, end, ending);
      return before;
    } catch (Problem problem) {
      throw problem.at(segment.name());
    }
  }

  private void requireNext(WalHeader header) {
    if (before == null) {
      return;
    }
    if (!before.goesOn()) {
      throw Problem.failed("the WAL had ended at " + before.end());
    }
    if (!header.start().equals(before.next())) {
      throw Problem.failed(
          "the WAL from %s does not follow that up to %s".formatted(header.start(), before.next()));
    }
    if (header.systemIdentifier() != before.header().systemIdentifier()) {
      throw Problem.failed(
          "the WAL is of the cluster with the system identifier %s, not %s"
              .formatted(
                  Long.toUnsignedString(header.systemIdentifier()),
                  Long.toUnsignedString(before.header().systemIdentifier())));
    }
  }

  private Ending readPages(WalHeader header, Lsn first, byte[] begun, InputStream bytes)
      throws IOException {
    int size = (int) header.pageSize().bytes();
    byte[] buffer = Arrays.copyOf(begun, size);
    int length = begun.length;
    long stop = header.start().plus(header.segmentSize()).value();
    for (long address = first.value(); address != stop; address += size) {
      length += bytes.readNBytes(buffer, length, size - length);
      if (length < WalPage.SHORT_HEADER) {
        return Ending.TRUNCATED;
      }
      WalPage page = new WalPage(ByteBuffer.wrap(buffer, 0, length).order(header.byteOrder()));
      Optional<Ending> ending =
          endBefore(page, address, header).or(() -> readRecords(page, header.version()));
      if (ending.isPresent()) {
        return ending.get();
      }
      if (length < size) {
        return Ending.TRUNCATED;
      }
      length = 0;
    }
    return Ending.FULL;
  }

  /** Why the reading ends before this page, if it does. */
  private Optional<Ending> endBefore(WalPage page, long address, WalHeader header) {
    if (page.magic() == 0
        || page.address() != address
        || Integer.compareUnsigned(page.timeline(), timeline) < 0) {
      return Optional.of(Ending.UNWRITTEN);
    }
    pages++;
    timeline = page.timeline();
    if (page.overwrites()) {
      record = null;
    }
    // Before the first whole record nobody knows what a page ought to begin with.
    boolean asAnnounced =
        record == null
            ? !page.continues() || previous == 0
            : page.continues() && page.remaining() == record.missing();
    boolean valid = header.hasFormatOf(page) && page.isPlausible() && asAnnounced;
    return valid ? Optional.empty() : Optional.of(Ending.INVALID);
  }

  private Optional<Ending> readRecords(WalPage page, Version version) {
    ByteBuffer bytes = page.bytes();
    int at = page.headerLength();
    if (record == null && page.continues()) {
      at += aligned(page.remaining());
    }
    while (at <= bytes.limit() - Integer.BYTES) {
      if (record == null) {
        int length = bytes.getInt(at);
        if (length < WalRecord.HEADER) {
          return Optional.of(length == 0 ? Ending.UNWRITTEN : Ending.INVALID);
        }
        boolean whole = rewritten.isPresent() || removals.isPresent();
        record = new WalRecord(page.address() + at, length, whole, bytes.order());
      }
      int count = Math.min(record.missing(), bytes.limit() - at);
      record.take(bytes.slice(at, count));
      at += aligned(count);
      if (record.missing() > 0) {
        break;
      }
      if (!record.follows(previous)) {
        return Optional.of(Ending.INVALID);
      }
      end = new Lsn(page.address() + at);
      record.event(version, end).ifPresent(listener);
      if (rewritten.isPresent()) {
        record.rewritten().forEach(rewritten.get());
      }
      if (removals.isPresent()) {
        record.tell(removals.get(), version, end);
      }
      boolean switched = record.isSwitch();
      previous = record.start();
      record = null;
      if (switched) {
        return Optional.of(Ending.SWITCHED);
      }
    }
    return Optional.empty();
  }

  private static int aligned(int length) {
    return (length + 7) & -8;
  }
}
