package org.pgrunbook.ssh;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A command for a host, with what it is given and how long it may take. A value: each method
 * returns another one.
 *
 * @param argv the program and its arguments; no shell sees them
 * @param text how it is shown and journalled
 * @param changes whether it changes anything
 * @param input what it reads from stdin; never journalled
 * @param secret whether the input is one secret, to be struck out wherever it turns up
 * @param accepted the exit statuses that are no failure
 * @param limit how long it may take; absent: 60 s for a probe, 10 min for a change, a day for a
 *     stream
 * @param silence how long nothing may move; absent: no limit of its own, 5 min for a stream
 * @param control whether it is run by {@code sudo -n} on hosts whose inventory says {@code sudo}
 * @param told whether each line that it writes is told while it runs
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Command(
    List<String> argv,
    String text,
    boolean changes,
    byte[] input,
    boolean secret,
    Set<Integer> accepted,
    Optional<Duration> limit,
    Optional<Duration> silence,
    boolean control,
    boolean told) {

  private static final String WITH_PASSWORD =
      "IFS= read -r PGPASSWORD && export PGPASSWORD && exec \"$@\" </dev/null";

  private static final List<String> SUDO = List.of("sudo", "-n");

  /**
   * A command that changes nothing.
   *
   * @throws org.pgrunbook.Problem with exit 2 if it is one of the {@link DestructiveCommands}
   */
  public static Command probe(String... argv) {
    DestructiveCommands.require(DestructiveCommands.violation(List.of(argv)));
    return of(List.of(argv), Shell.quote(List.of(argv)), false);
  }

  /** The same, of a list. */
  public static Command probe(List<String> argv) {
    return probe(argv.toArray(String[]::new));
  }

  /** A command that changes something. */
  public static Command change(String... argv) {
    return of(List.of(argv), Shell.quote(List.of(argv)), true);
  }

  /** The same, of a list. */
  public static Command change(List<String> argv) {
    return change(argv.toArray(String[]::new));
  }

  /**
   * A POSIX shell script that changes nothing; the arguments are its {@code $1}, {@code $2}, …
   *
   * @throws org.pgrunbook.Problem with exit 2 if it runs one of the {@link DestructiveCommands}
   */
  public static Command probeScript(String script, String... arguments) {
    DestructiveCommands.require(DestructiveCommands.scriptViolation(script));
    return script(script, List.of(arguments), false);
  }

  /**
   * A POSIX shell script that changes something; the arguments are its {@code $1}, {@code $2}, …
   */
  public static Command changeScript(String script, String... arguments) {
    return script(script, List.of(arguments), true);
  }

  /** Shown so that a reader could paste it: the arguments as {@code set} would set them. */
  private static Command script(String script, List<String> arguments, boolean changes) {
    String set = arguments.isEmpty() ? "" : "set -- " + Shell.quote(arguments) + "\n";
    List<String> argv =
        Stream.concat(Stream.of("sh", "-c", script, "sh"), arguments.stream()).toList();
    return of(argv, set + script.strip(), changes);
  }

  private static Command of(List<String> argv, String text, boolean changes) {
    return new Command(
        argv,
        text,
        changes,
        new byte[0],
        false,
        Set.of(0),
        Optional.empty(),
        Optional.empty(),
        false,
        false);
  }

  /** Gives it bytes to read from stdin. */
  public Command stdin(byte[] bytes) {
    return new Command(argv, text, changes, bytes, false, accepted, limit, silence, control, told);
  }

  /** Gives it a text to read from stdin, as UTF-8. */
  public Command stdin(String content) {
    return stdin(content.getBytes(StandardCharsets.UTF_8));
  }

  /** Gives it a secret to read from stdin, which is struck out should the command repeat it. */
  public Command secretStdin(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new Command(argv, text, changes, bytes, true, accepted, limit, silence, control, told);
  }

  /**
   * Gives a program that knows libpq's PGPASSWORD a password, by stdin, so it reads nothing else.
   */
  public Command password(String password) {
    List<String> all =
        Stream.concat(Stream.of("sh", "-c", WITH_PASSWORD, "sh"), argv.stream()).toList();
    byte[] bytes = (password + "\n").getBytes(StandardCharsets.UTF_8);
    return new Command(all, text, changes, bytes, true, accepted, limit, silence, control, told);
  }

  /** Says which exit statuses are no failure, in place of 0 alone. */
  public Command accept(int... exits) {
    Set<Integer> set = Set.copyOf(IntStream.of(exits).boxed().toList());
    return new Command(argv, text, changes, input, secret, set, limit, silence, control, told);
  }

  /** Says how long it may take; after that its processes are ended. */
  public Command timeout(Duration duration) {
    return new Command(
        argv,
        text,
        changes,
        input,
        secret,
        accepted,
        Optional.of(duration),
        silence,
        control,
        told);
  }

  /** Says how long nothing may come or go; after that its processes are ended. */
  public Command idle(Duration duration) {
    return new Command(
        argv, text, changes, input, secret, accepted, limit, Optional.of(duration), control, told);
  }

  /**
   * Tells each line that it writes to stdout and stderr, while it runs, under the name of its node:
   * on the console, to {@code --json} and in the journal. Of a stream, whose stdout goes to its
   * body, only stderr is told.
   */
  public Command aloud() {
    return new Command(argv, text, changes, input, secret, accepted, limit, silence, control, true);
  }

  /** Runs it by {@code sudo -n} on hosts whose inventory says {@code ssh: { sudo: true }}. */
  public Command sudo() {
    return new Command(argv, text, changes, input, secret, accepted, limit, silence, true, told);
  }

  /** The command as it is on this host, with {@code sudo} in it or for good without. */
  Command on(boolean sudo) {
    if (!control || !sudo) {
      return new Command(argv, text, changes, input, secret, accepted, limit, silence, false, told);
    }
    List<String> all = Stream.concat(SUDO.stream(), argv.stream()).toList();
    String shown = "sudo -n " + text;
    return new Command(all, shown, changes, input, secret, accepted, limit, silence, true, told);
  }

  /** What its processes must be killed by. */
  List<String> killedBy() {
    return control ? SUDO : List.of();
  }

  /** Its first line that says something, for messages. */
  String brief() {
    List<String> lines = text.lines().filter(line -> !line.startsWith("set -- ")).toList();
    String line = lines.isEmpty() ? text : lines.getFirst();
    return lines.size() <= 1 && line.length() <= 120
        ? line
        : line.substring(0, Math.min(120, line.length())) + " …";
  }
}
