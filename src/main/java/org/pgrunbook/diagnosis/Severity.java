package org.pgrunbook.diagnosis;

/** How far an incident runbook goes. */
public enum Severity {
  /** It looks, answers the questions of the incident and names what could be done. */
  WARNING,
  /** It also acts, after asking. */
  CRITICAL
}
