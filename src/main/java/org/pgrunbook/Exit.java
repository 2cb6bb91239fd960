package org.pgrunbook;

/** How a command ended. The numbers are an interface: scripts and schedulers alert on them. */
public enum Exit {
  DONE(0, "done, or nothing to do"),
  FAILED(1, "a step failed"),
  USAGE(2, "usage; bad parameter, runbook or inventory; nothing was touched"),
  REFUSED(3, "refused by a check, or not confirmed; nothing was changed"),
  LOCKED(4, "locked by another run"),
  UNREACHABLE(5, "could not connect before any change"),
  UNKNOWN_STATE(6, "failed and the undo failed too, or the state is unknown: call someone"),
  BUG(70, "a bug in pgrunbook"),
  INTERRUPTED(130, "interrupted"),
  TERMINATED(143, "terminated");

  private final int code;
  private final String meaning;

  Exit(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /** The process exit status. */
  public int code() {
    return code;
  }

  /** One line for the help text and the documentation. */
  public String meaning() {
    return meaning;
  }
}
