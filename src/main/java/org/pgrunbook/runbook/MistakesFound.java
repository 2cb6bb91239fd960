package org.pgrunbook.runbook;

import java.util.List;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;

/** Compilation ended with mistakes. */
final class MistakesFound extends RuntimeException {
  private static final long serialVersionUID = 1;

  final transient List<Mistake> mistakes;

  MistakesFound(List<Mistake> mistakes) {
    super(null, null, false, false);
    this.mistakes = mistakes;
  }

  /** All mistakes as one problem of whoever wanted to run the runbook. */
  Problem problem(Source source) {
    String list =
        mistakes.stream()
            .map(mistake -> "\n  " + mistake.place() + " " + mistake.message())
            .collect(Collectors.joining());
    return Problem.usage("runbook \"" + source.name() + "\" does not compile:" + list)
        .hint("The command 'pgrunbook check " + source.name() + "' shows this without running it.")
        .state("nothing was touched");
  }
}
