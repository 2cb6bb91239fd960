package org.pgrunbook.report;

import java.util.Locale;

/** How a step or an operation came out. */
enum Outcome {
  DONE,
  FAILED,
  /** A dry run has only said what it would be. */
  DESCRIBED,
  /** It failed in a dry run, because of what a described change would have changed. */
  UNFORESEEN,
  /** An earlier run has done it. */
  REUSED,
  /** It began, and the journal does not say how it ended. */
  OPEN,
  /** It began, and its run still goes on. */
  GOING_ON;

  static Outcome of(Object journalled) {
    return valueOf(String.valueOf(journalled).toUpperCase(Locale.ROOT));
  }

  /** For a person. */
  String words() {
    return switch (this) {
      case DONE -> "done";
      case FAILED -> "failed";
      case DESCRIBED -> "would be done";
      case UNFORESEEN -> "cannot be foreseen";
      case REUSED -> "done before";
      case OPEN -> "nobody knows";
      case GOING_ON -> "going on";
    };
  }

  /** Whether a reader must not overlook it. */
  boolean standsOut() {
    return this == FAILED || this == OPEN;
  }
}
