package org.pgrunbook.journal;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;

/**
 * What has failed of work on many items, as one problem.
 *
 * @param all how many items there were
 * @param items those that failed, in their order
 * @param problems why, in the same order
 * @param notBegun those that were not begun, because enough had failed
 */
record ManyFailures(int all, List<String> items, List<Problem> problems, List<String> notBegun) {

  /** Throws what failed first, if anything did. */
  void tellFirst() {
    if (!problems.isEmpty()) {
      throw problems.getFirst();
    }
  }

  /** Throws all that failed, each with its item, and says what was not begun. */
  void tell() {
    if (notBegun.isEmpty() && (problems.size() <= 1 || isOneMistake())) {
      tellFirst();
      return;
    }
    String reasons =
        IntStream.range(0, items.size())
            .mapToObj(i -> "\n  " + items.get(i) + ": " + reason(problems.get(i)))
            .collect(Collectors.joining());
    String failed = problems.size() + " of " + all + " failed";
    String rest =
        notBegun.isEmpty()
            ? ":" + reasons
            : ", %d %s not begun:%s\n  not begun: %s"
                .formatted(
                    notBegun.size(),
                    notBegun.size() == 1 ? "was" : "were",
                    reasons,
                    String.join(", ", notBegun));
    Problem together = Problem.of(exit(), failed + rest);
    problems.stream().flatMap(p -> p.hints().stream()).distinct().forEach(together::hint);
    throw together.because(problems.getFirst());
  }

  /** Such as a secret file that is missing for all. */
  private boolean isOneMistake() {
    Problem first = problems.getFirst();
    return first.exit() == Exit.USAGE
        && problems.stream().allMatch(other -> other.fact().equals(first.fact()));
  }

  private static String reason(Problem problem) {
    return problem.fact() + problem.state().map(state -> "; " + state).orElse("");
  }

  /** What they have in common; that nobody knows how things stand outweighs all else. */
  private Exit exit() {
    List<Exit> exits = problems.stream().map(Problem::exit).distinct().toList();
    return exits.size() == 1
        ? exits.getFirst()
        : exits.contains(Exit.UNKNOWN_STATE) ? Exit.UNKNOWN_STATE : Exit.FAILED;
  }
}
