package org.pgrunbook.replication;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.WalHeader;
import org.pgrunbook.postgres.WalReader;
import org.pgrunbook.postgres.WalReader.Ending;
import org.pgrunbook.postgres.WalReader.Reading;
import org.pgrunbook.postgres.WalSegment;
import org.pgrunbook.ssh.Command;

/**
 * Finds where the WAL of a server that no longer writes ends, as its own crash recovery would: from
 * a known position it goes from record to record until one is not whole. Of the files only what
 * lies behind that position is read from the host.
 */
final class EndOfWal {
  /** The file's first bytes, and a piece from a byte on; nothing if there is no file. */
  private static final String READ =
      """
      [ -e "$1" ] || exit 0
      head -c "$4" -- "$1"
      tail -c +"$2" -- "$1" | head -c "$3"
      """;

  /** Mostly the standbys have all but the last few records. */
  private static final int FIRST_PIECE = 256 << 10;

  private static final int LARGEST_PIECE = 4 << 20;

  private final Node node;
  private final int timeline;
  private final DataSize segmentSize;
  private final long pageSize;

  EndOfWal(Node node, ControlFile control) {
    this.node = node;
    this.timeline = timeline(control);
    this.segmentSize = control.initial().walSegmentSize();
    this.pageSize = control.initial().walBlockSize().bytes();
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
    Lsn page = new Lsn((from.value() - 1) / pageSize * pageSize);
    WalSegment segment = WalSegment.endingAt(from, timeline, segmentSize);
    WalReader reader = new WalReader(event -> {});
    Optional<Reading> reading = read(reader, segment, page).filter(it -> it.pages() > 0);
    if (reading.isEmpty()) {
      return wasSwitched(segment, from)
          ? Optional.of(goOn(segment.next(), from))
          : Optional.empty();
    }
    return Optional.of(goOn(reader, segment, reading, from));
  }

  /** What pg_switch_wal() leaves of a segment is zeros, page headers included. */
  private boolean wasSwitched(WalSegment segment, Lsn from) {
    return from.equals(segment.end())
        && read(new WalReader(event -> {}), segment, segment.start())
            .filter(reading -> reading.ending() == Ending.SWITCHED)
            .isPresent();
  }

  private Lsn goOn(WalSegment segment, Lsn from) {
    WalReader reader = new WalReader(event -> {});
    return goOn(reader, segment, read(reader, segment, segment.start()), from);
  }

  private Lsn goOn(WalReader reader, WalSegment begun, Optional<Reading> first, Lsn from) {
    Lsn end = from;
    WalSegment segment = begun;
    Optional<Reading> reading = first;
    while (reading.isPresent()) {
      // Nothing more follows in a segment after pg_switch_wal().
      boolean switched = reading.get().ending() == Ending.SWITCHED;
      end = Lsn.latest(end, switched ? segment.end() : reading.get().end());
      if (!reading.get().goesOn()) {
        return end;
      }
      segment = segment.next();
      reading = read(reader, segment, segment.start());
    }
    return end;
  }

  /** Reads a segment from a page on; empty if the server has not written it. */
  private Optional<Reading> read(WalReader reader, WalSegment segment, Lsn page) {
    String file = node.getPostmaster().getData() + "/pg_wal/" + segment.name();
    long from = page.minus(segment.start()).bytes();
    try (InputStream bytes = new BufferedInputStream(new Pieces(file, from))) {
      bytes.mark(WalHeader.LENGTH);
      if (!WalHeader.begins(segment, bytes.readNBytes(WalHeader.LENGTH))) {
        return Optional.empty();
      }
      bytes.reset();
      return Optional.of(reader.read(segment, page, bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The header of a file, and what it has from a position on, of which only as much is fetched as
   * is read.
   */
  private final class Pieces extends InputStream {
    private final String file;
    private int header;
    private long next;
    private int size = FIRST_PIECE;
    private boolean last;
    private ByteArrayInputStream piece = new ByteArrayInputStream(new byte[0]);

    Pieces(String file, long from) {
      this.file = file;
      this.header = from == 0 ? 0 : WalHeader.LENGTH;
      this.next = from;
    }

    @Override
    public int read() {
      return hasMore() ? piece.read() : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      return hasMore() ? piece.read(buffer, offset, length) : -1;
    }

    private boolean hasMore() {
      if (piece.available() == 0 && !last) {
        byte[] fetched = fetch();
        piece = new ByteArrayInputStream(fetched);
        last = fetched.length < header + size;
        next += size;
        header = 0;
        size = Math.min(size * 4, LARGEST_PIECE);
      }
      return piece.available() > 0;
    }

    private byte[] fetch() {
      String[] arguments = {
        file, String.valueOf(next + 1), String.valueOf(size), String.valueOf(header)
      };
      return node.getSsh().run(Command.probeScript(READ, arguments)).bytes();
    }
  }
}
