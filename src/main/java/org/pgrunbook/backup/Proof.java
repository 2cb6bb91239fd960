package org.pgrunbook.backup;

import java.time.Instant;
import org.pgrunbook.postgres.Lsn;

/**
 * What a recovery has reached.
 *
 * @param target where it should stop
 * @param lastCommit time of the last transaction that was replayed; null if there was none since
 *     the backup
 * @param lsn up to where the WAL was replayed
 * @param timeline the timeline that was followed
 */
public record Proof(String target, Instant lastCommit, Lsn lsn, int timeline) {}
