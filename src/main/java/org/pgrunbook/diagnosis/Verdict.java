package org.pgrunbook.diagnosis;

/** How bad it is, the worst first. */
public enum Verdict {
  /** It harms users now, or will within the hour. */
  CRIT,
  /** Somebody should look today. */
  WARN,
  /** Nobody could tell: that is no good news. */
  UNKNOWN,
  /** All is well. */
  OK
}
