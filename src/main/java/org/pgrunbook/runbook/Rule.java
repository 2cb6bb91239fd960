package org.pgrunbook.runbook;

import java.util.Locale;

/**
 * What {@code pgrunbook check} asks of a runbook beyond its types. Each has a section of its name
 * in docs/writing-runbooks.md.
 */
public enum Rule {
  /** Its words exist, and their types fit. */
  COMPILES(true, "Look the word up in docs/language.md."),
  /** A parameter's type is one that the command line can give. */
  PARAMETER_TYPE(true, "Give it one of the types that docs/language.md lists."),
  /** A parameter's range fits its type and its default. */
  PARAMETER_RANGE(true, "Write both ends as the command line spells them, such as min = '1MB'."),
  /** A step returns what the journal can hold. */
  STEP_VALUE(true, "Return what later steps need, or null in the last line."),
  /** What is called a probe changes nothing. */
  PROBE_CHANGES(true, "Use sql.execute, ssh.run or Command.change."),
  /** What a run that goes on has to hear again is not said inside of a step. */
  SAID_INSIDE_STEP(true, "Say it before the step that it belongs to."),
  /** A step's name is there once within its parent. */
  STEP_NAME_TWICE(false, "Put what differs into the name, such as step(\"copy $node\")."),
  /** What changes something is inside a step. */
  CHANGE_OUTSIDE_STEP(false, "Put it into a step, which gives it a name in the record."),
  /** Somebody is asked before what cannot be taken back. */
  NO_CONFIRM(false, "Ask before it, such as confirm cluster, \"Promote $standby?\"."),
  /** No secret is written down. */
  LITERAL_SECRET(false, "Put it into a file, and the reference into the inventory.");

  private final boolean forbidsRunning;
  private final String hint;

  Rule(boolean forbidsRunning, String hint) {
    this.forbidsRunning = forbidsRunning;
    this.hint = hint;
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

  /** What its author would try next. */
  public String hint() {
    return hint;
  }

  /** Where it is explained. */
  public String page() {
    return "docs/writing-runbooks.md#" + id();
  }

  /** The fact with the rule's name after it; of what the compiler says only the fact. */
  String says(String fact) {
    return this == COMPILES ? fact : fact + " [" + id() + "]";
  }
}
