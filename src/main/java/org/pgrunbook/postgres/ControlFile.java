package org.pgrunbook.postgres;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;

/**
 * What {@code global/pg_control} says of a cluster, running or not: what pg_controldata would
 * print, for PostgreSQL 15 to 18.
 *
 * @param systemIdentifier the same on a primary and all its standbys, and on nothing else
 * @param controlVersion the layout of the file
 * @param catalogVersion differs between major versions
 * @param state what the server was doing
 * @param modified when the file was last written
 * @param checkpoint the latest checkpoint
 * @param recovery how far a recovery must go
 * @param settings P49: what a standby needs at least, as of the last change that was replayed
 * @param initial what was fixed when the cluster was made
 * @see <a href="https://www.postgresql.org/docs/current/app-pgcontroldata.html">pg_controldata</a>
 */
public record ControlFile(
    long systemIdentifier,
    int controlVersion,
    int catalogVersion,
    State state,
    Instant modified,
    Checkpoint checkpoint,
    Recovery recovery,
    Settings settings,
    Initial initial) {

  /** What the server was doing when the file was written; in the order of PostgreSQL's DBState. */
  public enum State {
    STARTING_UP,
    SHUT_DOWN,
    SHUT_DOWN_IN_RECOVERY,
    SHUTTING_DOWN,
    IN_CRASH_RECOVERY,
    IN_ARCHIVE_RECOVERY,
    IN_PRODUCTION
  }

  /** How much a server writes to its WAL. */
  public enum WalLevel {
    MINIMAL,
    REPLICA,
    LOGICAL
  }

  /**
   * The latest checkpoint, or restartpoint of a standby.
   *
   * @param lsn where its record is
   * @param redo where a recovery begins
   * @param timeline the timeline of both
   * @param previousTimeline differs from {@code timeline} in the first checkpoint after a promotion
   * @param time when it began
   */
  public record Checkpoint(Lsn lsn, Lsn redo, int timeline, int previousTimeline, Instant time) {}

  /**
   * How far a recovery must go until the data are consistent.
   *
   * @param minimumEnd must be replayed at least; {@link Lsn#NONE} when there is no recovery
   * @param minimumEndTimeline the timeline of that LSN; 0 when there is no recovery
   * @param backupStart where the backup began that is being recovered
   * @param backupEnd where it ended, if it was taken on a standby
   * @param backupEndRequired whether the record of the backup's end must still be found in the WAL
   */
  public record Recovery(
      Lsn minimumEnd,
      int minimumEndTimeline,
      Lsn backupStart,
      Lsn backupEnd,
      boolean backupEndRequired) {}

  /**
   * The settings of the server that wrote the WAL.
   *
   * @param walLevel wal_level
   * @param walLogHints wal_log_hints
   * @param maxConnections max_connections
   * @param maxWorkerProcesses max_worker_processes
   * @param maxWalSenders max_wal_senders
   * @param maxPreparedTransactions max_prepared_transactions
   * @param maxLocksPerTransaction max_locks_per_transaction
   * @param trackCommitTimestamp track_commit_timestamp
   */
  public record Settings(
      WalLevel walLevel,
      boolean walLogHints,
      int maxConnections,
      int maxWorkerProcesses,
      int maxWalSenders,
      int maxPreparedTransactions,
      int maxLocksPerTransaction,
      boolean trackCommitTimestamp) {

    /** What a standby has to have at least of each setting, to replay that WAL (P49). */
    public Map<String, Integer> minimums() {
      Map<String, Integer> least = new LinkedHashMap<>();
      least.put("max_connections", maxConnections);
      least.put("max_worker_processes", maxWorkerProcesses);
      least.put("max_wal_senders", maxWalSenders);
      least.put("max_prepared_transactions", maxPreparedTransactions);
      least.put("max_locks_per_transaction", maxLocksPerTransaction);
      return least;
    }
  }

  /**
   * What was fixed when the cluster was made.
   *
   * @param maxAlignment how data are aligned
   * @param blockSize of a page of a table
   * @param blocksPerFile how many pages of a table are in one of its files at most
   * @param walBlockSize of a page of the WAL
   * @param walSegmentSize of a file of the WAL
   * @param dataChecksumVersion 0: pages have no checksums
   * @param charSigned whether char has a sign; PostgreSQL 18 was the first to note it
   */
  public record Initial(
      int maxAlignment,
      DataSize blockSize,
      int blocksPerFile,
      DataSize walBlockSize,
      DataSize walSegmentSize,
      int dataChecksumVersion,
      Optional<Boolean> charSigned) {

    /** Whether every page has a checksum. */
    public boolean dataChecksums() {
      return dataChecksumVersion != 0;
    }
  }

  /** Where the version stands in every layout there ever was. */
  private static final int CONTROL_VERSION = 8;

  /** Of PostgreSQL 15 and 16, and of 17, whose additions lie where 1300 had only padding. */
  private static final Set<Integer> UP_TO_17 = Set.of(1300, 1700);

  private static final int FROM_18 = 1800;

  /**
   * Reads the bytes of the file.
   *
   * @throws Problem with exit 1 if they are of a version we do not know, or damaged; a file that
   *     was read while the server wrote it looks damaged and may be read again
   */
  public static ControlFile read(byte[] bytes) {
    ByteBuffer file = inItsOrder(bytes);
    int version = file.getInt(CONTROL_VERSION);
    requireChecksum(file, version == FROM_18 ? 292 : 288);
    return new ControlFile(
        file.getLong(0),
        version,
        file.getInt(12),
        State.values()[file.getInt(16)],
        Instant.ofEpochSecond(file.getLong(24)),
        new Checkpoint(
            lsn(file, 32),
            lsn(file, 40),
            file.getInt(48),
            file.getInt(52),
            Instant.ofEpochSecond(file.getLong(104))),
        new Recovery(
            lsn(file, 136), file.getInt(144), lsn(file, 152), lsn(file, 160), bool(file, 168)),
        new Settings(
            WalLevel.values()[file.getInt(172)],
            bool(file, 176),
            file.getInt(180),
            file.getInt(184),
            file.getInt(188),
            file.getInt(192),
            file.getInt(196),
            bool(file, 200)),
        new Initial(
            file.getInt(204),
            size(file, 216),
            file.getInt(220),
            size(file, 224),
            size(file, 228),
            file.getInt(252),
            version == FROM_18 ? Optional.of(bool(file, 256)) : Optional.empty()));
  }

  /**
   * Where the 32 bytes of the mock authentication nonce begin: the only part that is a secret of
   * the cluster.
   */
  public int nonceOffset() {
    return controlVersion == FROM_18 ? 257 : 256;
  }

  /** The server wrote it in its own byte order, which shows in the version. */
  private static ByteBuffer inItsOrder(byte[] bytes) {
    if (bytes.length < 296) {
      throw Problem.failed("pg_control has only " + bytes.length + " bytes");
    }
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      ByteBuffer file = ByteBuffer.wrap(bytes).order(order);
      int version = file.getInt(CONTROL_VERSION);
      if (UP_TO_17.contains(version) || version == FROM_18) {
        return file;
      }
    }
    int version = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(CONTROL_VERSION);
    throw Problem.failed("pg_control has the unknown version " + version)
        .hint("PostgreSQL %d to %d are supported.".formatted(Version.OLDEST, Version.NEWEST));
  }

  private static void requireChecksum(ByteBuffer file, int offset) {
    CRC32C checksum = new CRC32C();
    checksum.update(file.slice(0, offset));
    if ((int) checksum.getValue() != file.getInt(offset)) {
      throw Problem.failed("pg_control has a wrong checksum")
          .hint("Read it again: the server may have been writing it.");
    }
  }

  private static Lsn lsn(ByteBuffer file, int offset) {
    return new Lsn(file.getLong(offset));
  }

  private static DataSize size(ByteBuffer file, int offset) {
    return new DataSize(file.getInt(offset));
  }

  private static boolean bool(ByteBuffer file, int offset) {
    return file.get(offset) != 0;
  }
}
