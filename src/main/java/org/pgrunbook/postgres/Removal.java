package org.pgrunbook.postgres;

import java.time.Instant;
import java.util.List;

/**
 * What a committed transaction has taken away, as the WAL tells: rows that it deleted or wrote
 * anew, and the files of relations. Files go with DROP and TRUNCATE, and with what writes a table
 * or an index anew, such as VACUUM FULL or REINDEX. What it did to the system's own catalogs is
 * left out.
 *
 * @param xid as recovery_target_xid takes it
 * @param time when it was committed, by the clock of the server that did it
 * @param end where its record ends
 * @param rows by table
 * @param files the first file of each relation that is gone
 */
public record Removal(long xid, Instant time, Lsn end, List<Rows> rows, List<RelationFile> files) {
  /**
   * Rows of one table.
   *
   * @param table its file, as it was then
   * @param deleted how many rows were deleted
   * @param updated how many were written anew
   */
  public record Rows(RelationFile table, long deleted, long updated) {}

  /** How many rows it deleted. */
  public long deleted() {
    return rows.stream().mapToLong(Rows::deleted).sum();
  }

  /** How many rows it wrote anew. */
  public long updated() {
    return rows.stream().mapToLong(Rows::updated).sum();
  }
}
