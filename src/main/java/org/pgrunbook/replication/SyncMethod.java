package org.pgrunbook.replication;

/**
 * By what the standbys are chosen that have to confirm a commit.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES">synchronous_standby_names</a>
 */
public enum SyncMethod {
  /** Those that are the fastest at that moment: a quorum. */
  ANY,
  /** Those that are named first, as long as they are there. */
  FIRST
}
