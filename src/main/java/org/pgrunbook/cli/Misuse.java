package org.pgrunbook.cli;

import java.util.List;
import java.util.Optional;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, and what was probably meant. */
final class Misuse {
  private Misuse() {}

  static Problem explain(ParameterException e) {
    CommandLine command = e.getCommandLine();
    Problem problem =
        unmatched(e).orElseGet(() -> Problem.usage(Problem.lowerCase(e.getMessage())));
    return problem.hint(
        "The command '"
            + command.getCommandSpec().qualifiedName()
            + " --help' shows how it is used.");
  }

  private static Optional<Problem> unmatched(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return Optional.empty();
    }
    String word = unmatched.getUnmatched().getFirst();
    List<String> commands = List.copyOf(e.getCommandLine().getSubcommands().keySet());
    if (word.startsWith("-") || commands.isEmpty()) {
      Problem problem = Problem.usage(Problem.lowerCase(e.getMessage()));
      unmatched.getSuggestions().stream()
          .findFirst()
          .ifPresent(near -> problem.hint("Did you mean \"" + near + "\"?"));
      return Optional.of(problem);
    }
    Problem problem = Problem.usage("there is no command \"" + word + "\"");
    Nearest.to(word, commands).ifPresent(near -> problem.hint("Did you mean \"" + near + "\"?"));
    return Optional.of(problem);
  }
}
