package org.pgrunbook.ssh;

import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;

/** What to say of a command that did not end well. */
record Complaint(Command command, Secrets secrets, Stderr stderr) {

  private String name() {
    return "\"" + command.brief() + "\"";
  }

  Problem interrupted() {
    return Problem.interrupted(name() + " was interrupted");
  }

  /** It took too long, in the words of the limit. */
  Problem exceeded(String limit) {
    return withStderr(Problem.failed(name() + " " + limit));
  }

  /** It ended with an exit status that is not accepted. */
  Problem ended(int exit) {
    String fact = name() + " ended with exit status " + exit + ": " + stderr.lastLines();
    Problem problem = Problem.failed(secrets.redact(fact));
    return exit == 127
        ? problem.hint("Is it installed on the host, and in the PATH of the SSH user?")
        : problem;
  }

  /** It ended without an exit status: by a signal, or nobody knows how. */
  Problem lost(Optional<String> signal) {
    if (signal.isPresent()) {
      return withStderr(Problem.failed(name() + " was ended by signal " + signal.get()));
    }
    String fact = "connection was lost while " + name() + " ran";
    return (command.changes() ? Problem.unknownState(fact) : Problem.unreachable(fact))
        .state("it may still be running on the host");
  }

  private Problem withStderr(Problem problem) {
    return stderr.text().isEmpty()
        ? problem
        : problem.hint("It said last: " + secrets.redact(stderr.lastLines()));
  }
}
