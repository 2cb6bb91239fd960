package org.pgrunbook.replication;

/** How a node comes back as a standby. */
public enum Way {
  /** As it is: its WAL ends where the primary's history still is its own. */
  FOLLOW,
  /** {@code pg_rewind} takes back what it has and the primary has not. */
  REWIND,
  /** Its data are moved aside, and the primary's are copied anew. */
  CLONE
}
