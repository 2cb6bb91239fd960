package org.pgrunbook.runbook;

import java.util.Locale;

/**
 * What {@code pgrunbook check} asks of a runbook beyond its types. Each has a section of its name
 * in docs/writing-runbooks.md.
 */
public enum Rule {
  /** A parameter's type is one that the command line can give. */
  PARAMETER_TYPE(true),
  /** A step returns what the journal can hold. */
  STEP_VALUE(true),
  /** What is called a probe changes nothing. */
  PROBE_CHANGES(true),
  /** What a run that goes on has to hear again is not said inside of a step. */
  SAID_INSIDE_STEP(true),
  /** A step's name is there once within its parent. */
  STEP_NAME_TWICE(false),
  /** What changes something is inside a step. */
  CHANGE_OUTSIDE_STEP(false),
  /** Somebody is asked before what cannot be taken back. */
  NO_CONFIRM(false),
  /** No secret is written down. */
  LITERAL_SECRET(false);

  private final boolean forbidsRunning;

  Rule(boolean forbidsRunning) {
    this.forbidsRunning = forbidsRunning;
  }

  /** The name that messages and documentation use, {@code step-name-twice}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Whether a runbook that breaks it cannot be run. The others are advice for whoever writes it; in
   * the night they stop nobody.
   */
  public boolean forbidsRunning() {
    return forbidsRunning;
  }

  /** The fact with the rule's name after it. */
  String says(String fact) {
    return fact + " [" + id() + "]";
  }
}
