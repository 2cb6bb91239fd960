package org.pgrunbook.backup;

/** What to do with what lies where a restore goes. */
public enum Existing {
  /** Refuse unless the folder is empty or not there. */
  REFUSE,
  /** Move it beside, with a time stamp. Nothing is deleted. */
  ASIDE,
  /**
   * Keep what is the same to the byte as in the backup, replace what differs, remove what is not in
   * it. Only for what is a copy of the same database system.
   */
  DELTA
}
