package org.pgrunbook.backup;

/** Where the files of a new standby come from. */
public enum CopyFrom {
  /** The primary, while it works on. */
  PRIMARY,
  /** A backup in the repository, and the WAL after it: the primary reads nothing for it. */
  REPOSITORY
}
