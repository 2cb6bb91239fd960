package org.pgrunbook.backup;

/**
 * A WAL segment that was closed, so that it is archived.
 *
 * @param wal its name
 * @param sha256 of its content in pg_wal
 */
public record ClosedSegment(String wal, String sha256) {}
