package org.pgrunbook.replication;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
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
  /** The header, and then what lies behind a position of the file. */
  private static final String READ =
      """
      [ -e "$1" ] || exit 0
      [ "$2" -eq 1 ] || head -c "$3" -- "$1"
      exec tail -c +"$2" -- "$1"
      """;

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
    String from = String.valueOf(page.minus(segment.start()).bytes() + 1);
    Command read = Command.probeScript(READ, file, from, String.valueOf(WalHeader.LENGTH));
    return node.getSsh().stream(
        read,
        Optional.empty(),
        remote -> {
          try (remote) {
            return read(reader, segment, page, new BufferedInputStream(remote.stdout()));
          }
        });
  }

  private static Optional<Reading> read(
      WalReader reader, WalSegment segment, Lsn page, InputStream bytes) throws IOException {
    bytes.mark(WalHeader.LENGTH);
    if (!WalHeader.begins(segment, bytes.readNBytes(WalHeader.LENGTH))) {
      return Optional.empty();
    }
    bytes.reset();
    return Optional.of(reader.read(segment, page, bytes));
  }
}
