package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * How often a server has to write a checkpoint, from two looks at it. One that comes because so
 * much WAL was written, and not because it is time, comes too early: after it every page that is
 * changed goes into the WAL as a whole once more, which brings the next one nearer.
 *
 * @param node the server
 * @param limit how often they may come because of WAL
 * @param watched how long lay between the two looks
 * @param timed how many began in between because it was time
 * @param requested how many because something asked for one
 * @param written how much WAL was written in between
 * @param maxWalSize its max_wal_size
 * @param timeout its checkpoint_timeout
 * @param every how often one comes if it is written on like this; never more seldom than the
 *     timeout
 * @see <a href="https://www.postgresql.org/docs/current/wal-configuration.html">WAL
 *     configuration</a>
 */
public record Checkpoints(
    Node node,
    Duration limit,
    Duration watched,
    long timed,
    long requested,
    DataSize written,
    DataSize maxWalSize,
    Duration timeout,
    Duration every) {
  static final String INCIDENT = "checkpoint-storm";

  /** So many times more often than the limit is an emergency. */
  private static final int CRITICAL = 3;

  private static final DataSize GIGABYTE = new DataSize(1L << 30);

  /**
   * One look.
   *
   * @param taken when, by the clock that only counts
   */
  record Look(
      long taken,
      long timed,
      long requested,
      Instant reset,
      Lsn lsn,
      DataSize maxWalSize,
      DataSize segment,
      Duration timeout,
      double target) {

    static Look at(Server server) {
      server.requirePrimary();
      Row row = server.row(Question.CHECKPOINTS);
      return new Look(
          server.node().run().time().nanos(),
          row.number("timed"),
          row.number("requested"),
          row.instant("reset"),
          Lsn.parse(row.text("lsn")),
          row.bytes("most"),
          row.bytes("segment"),
          Duration.ofSeconds(row.number("timeout")),
          row.decimal("target").doubleValue());
    }

    /** After so much WAL a checkpoint begins, so that the next one ends within max_wal_size. */
    long trigger() {
      double segments = Math.floor(maxWalSize.bytes() / (segment.bytes() * (1 + target)));
      return Math.max(1, (long) segments) * segment.bytes();
    }
  }

  /** Looks now, waits and looks again. */
  static Checkpoints over(Server server, Duration watch, Duration limit) {
    return since(Look.at(server), server, watch, limit);
  }

  /** Looks again as soon as so much time has gone by. */
  static Checkpoints since(Look first, Server server, Duration least, Duration limit) {
    var time = server.node().run().time();
    Duration left = least.minus(time.since(first.taken()));
    if (left.isPositive()) {
      time.sleep(left);
    }
    Look last = Look.at(server);
    // Counters that were reset in between begin at zero.
    boolean same = Objects.equals(first.reset(), last.reset());
    Duration watched = Duration.ofNanos(last.taken() - first.taken());
    DataSize written = last.lsn().minus(first.lsn());
    return new Checkpoints(
        server.node(),
        limit,
        watched,
        last.timed() - (same ? first.timed() : 0),
        last.requested() - (same ? first.requested() : 0),
        written,
        last.maxWalSize(),
        last.timeout(),
        every(last, written, watched));
  }

  private static Duration every(Look look, DataSize written, Duration watched) {
    if (written.bytes() == 0) {
      return look.timeout();
    }
    double seconds = look.trigger() * (watched.toNanos() / 1e9) / written.bytes();
    return seconds >= look.timeout().toSeconds()
        ? look.timeout()
        : Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** Whether they come too often because of WAL. */
  public boolean isStorm() {
    return every.compareTo(limit) < 0;
  }

  /**
   * The max_wal_size with which they would come by the time alone, if it is written on like this:
   * in whole gigabytes, twice the present one at least.
   */
  public DataSize recommended() {
    double rate = written.bytes() / Math.max(1e-9, watched.toNanos() / 1e9);
    long wanted = (long) Math.max(2 * rate * timeout.toSeconds(), 2.0 * maxWalSize.bytes());
    long gigabytes = (wanted + GIGABYTE.bytes() - 1) / GIGABYTE.bytes();
    return new DataSize(gigabytes * GIGABYTE.bytes());
  }

  /** What was found out. */
  public Finding finding() {
    if (!isStorm()) {
      return Finding.ok(
          INCIDENT,
          node,
          "WAL forces no checkpoint more often than every " + Durations.show(limit));
    }
    // A burst of a second is no storm yet: one has to have come, or to be due by now.
    boolean seen = requested > 0 || watched.compareTo(every) >= 0;
    boolean critical = seen && every.multipliedBy(CRITICAL).compareTo(limit) < 0;
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%s of WAL in %s: with a max_wal_size of %s a checkpoint comes every %s"
            .formatted(written, Durations.show(watched), maxWalSize, Durations.show(every)));
  }
}
