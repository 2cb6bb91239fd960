package org.pgrunbook.ssh;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.Problem;

/** Writes lines that a POSIX shell reads as they were meant. */
public final class Shell {
  /** A leading {@code =} is left out: zsh would take it for a command's path. */
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+:,./-][\\w@%+=:,./-]*");

  /** Before this on stderr is what the login shell said, after it the process group's id. */
  static final String PROCESS = "pgrunbook:process:";

  /**
   * Runs {@code "$@"} as the leader of a session of its own and tells its process id, so that all
   * of its processes can be ended together.
   *
   * <p>setsid(1) runs as a child: for a leader of a group it would fork and lose the exit status.
   */
  private static final String WRAPPER =
      """
      tell='echo %s$$ >&2; "$@"'
      if command -v setsid >/dev/null 2>&1; then setsid sh -c "$tell" sh "$@"; exit $?; fi
      eval "$tell"\
      """
          .formatted(PROCESS);

  /**
   * Ends the process group {@code $1}, first politely; the other arguments stand before each {@code
   * kill}. Exit status 0 says that nothing of it is left.
   *
   * <p>Where the host has no setsid the group may not exist: then the process alone is ended.
   */
  private static final String KILL =
      """
      pid=$1; shift; target=-$pid
      "$@" kill -s 0 -- $target 2>/dev/null || target=$pid
      "$@" kill -s 0 -- $target 2>/dev/null || { test ! -d /proc/$pid; exit; }
      for signal in TERM KILL; do
        "$@" kill -s $signal -- $target 2>/dev/null
        tries=0
        while "$@" kill -s 0 -- $target 2>/dev/null; do
          tries=$((tries + 1)); test $tries -gt 50 && continue 2
          sleep 0.1
        done
        exit 0
      done
      exit 1\
      """;

  private Shell() {}

  /**
   * The arguments as one line that a POSIX shell splits into exactly these again. Plain words stay
   * as they are.
   *
   * @throws Problem with exit 2 if an argument holds a NUL, which no process can be given
   */
  public static String quote(List<String> arguments) {
    return arguments.stream().map(Shell::quote).collect(Collectors.joining(" "));
  }

  private static String quote(String argument) {
    if (argument.indexOf('\0') >= 0) {
      throw Problem.usage("an argument of a command holds a NUL character");
    }
    return PLAIN.matcher(argument).matches()
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }

  /**
   * The words of a command as a person writes it for a shell: quotes hold together what has spaces.
   * Nothing is expanded, and what a shell would do more than that is refused.
   *
   * @throws Problem with exit 2 if it has no words, a quote that does not end, or anything that
   *     asks for a shell, such as a pipe or a variable
   */
  public static List<String> words(String command) {
    return new Words(command).read();
  }

  /**
   * The line for the user's login shell, of which nothing but {@code exec} and single quotes is
   * expected.
   */
  static String remote(List<String> argv) {
    return "exec sh -c " + quote(WRAPPER) + " sh " + quote(argv);
  }

  /** The command that ends a process group. */
  static List<String> kill(long group, List<String> prefix) {
    return Stream.concat(Stream.of("sh", "-c", KILL, "sh", Long.toString(group)), prefix.stream())
        .toList();
  }
}
