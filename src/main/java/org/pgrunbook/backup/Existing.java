package org.pgrunbook.backup;

/** What to do with what lies where a restore goes. */
public enum Existing {
  /** Refuse unless the folder is empty or not there. */
  REFUSE,
  /** Move it beside, with a time stamp. Nothing is deleted. */
  ASIDE
}
