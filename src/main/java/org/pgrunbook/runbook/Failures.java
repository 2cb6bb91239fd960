package org.pgrunbook.runbook;

import java.util.Arrays;
import java.util.OptionalInt;
import org.pgrunbook.Problem;

/** Finds the line of a runbook in which something happened. */
final class Failures {
  private Failures() {}

  /** Adds the line of the runbook in which it happened: that of the innermost cause. */
  static Problem located(Problem problem, Source source, Class<?> script) {
    int line = 0;
    for (Throwable at = problem; at != null; at = at.getCause()) {
      line = lineIn(at, script).orElse(line);
    }
    return line == 0 ? problem : problem.at(source.name() + ":" + line);
  }

  private static OptionalInt lineIn(Throwable thrown, Class<?> script) {
    return Arrays.stream(thrown.getStackTrace())
        .filter(frame -> frame.getLineNumber() > 0)
        .filter(
            frame ->
                frame.getClassName().equals(script.getName())
                    || frame.getClassName().startsWith(script.getName() + "$")
                    || frame.getClassName().startsWith(script.getName() + "_"))
        .mapToInt(StackTraceElement::getLineNumber)
        .findFirst();
  }
}
