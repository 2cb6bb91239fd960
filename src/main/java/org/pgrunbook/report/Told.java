package org.pgrunbook.report;

import java.time.Instant;
import java.util.List;

/**
 * Something that a run told.
 *
 * @param step the path of the step; empty outside of any
 * @param text the remark, the question with its answer, or the figure; empty for a table
 * @param columns of a table
 * @param rows of a table
 */
record Told(
    Instant at,
    String step,
    Kind kind,
    String text,
    List<String> columns,
    List<List<Object>> rows) {
  /** What it is. */
  enum Kind {
    NOTE,
    WARNING,
    /** What a real run would do that is no operation. */
    WOULD,
    TABLE,
    MEASURE,
    /** A question, and who agreed to it or did not. */
    ANSWER,
    /** From here on there is no way back. */
    POINT_OF_NO_RETURN
  }

  static Told of(Instant at, String step, Kind kind, String text) {
    return new Told(at, step, kind, text, List.of(), List.of());
  }
}
