package org.pgrunbook.ssh;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.Problem;

/**
 * The commands of a host that change something, and therefore are no probes. A probe is carried out
 * in a dry run too, and nobody is asked before it.
 *
 * <p>This finds slips, not malice: what a program of one's own does nobody can read from its name.
 */
public final class DestructiveCommands {
  private record Danger(Predicate<List<String>> when, String reason) {
    /** Whether one of the arguments is like this. */
    static Predicate<List<String>> argument(String pattern) {
      return arguments -> arguments.stream().anyMatch(argument -> argument.matches(pattern));
    }
  }

  private static final Map<String, Danger> DANGERS = new HashMap<>();

  static {
    always("removes files", "rm", "rmdir", "unlink", "shred", "wipefs");
    always("moves files", "mv", "rename");
    always("writes files", "cp", "install", "ln", "mkdir", "mkfifo", "touch", "tee", "truncate");
    always("writes files", "fallocate", "rsync", "scp", "patch", "mkswap", "mkfs", "mktemp");
    when("writes a file", Danger.argument("of=.*"), "dd");
    always("changes who may do what", "chmod", "chown", "chgrp", "setfacl", "passwd", "usermod");
    // Signal 0 only asks whether the process is there.
    Predicate<List<String>> harmless =
        arguments -> String.join(" ", arguments).matches("(-0|-s 0|-n 0|-l)( .*)?");
    when("sends a signal", harmless.negate(), "kill", "pkill", "killall");
    always("changes the machine", "reboot", "shutdown", "halt", "poweroff", "mount", "umount");
    always("changes the machine", "sysctl", "iptables", "nft", "apt", "apt-get", "dnf", "yum");
    when(
        "starts or stops services",
        Danger.argument(
            "start|stop|restart|reload|try-restart|reload-or-restart|kill|enable|disable|mask|"
                + "unmask|isolate|daemon-reload|reset-failed"),
        "systemctl",
        "service");
    when(
        "starts or stops a server",
        Danger.argument("start|stop|restart|reload|promote|kill|initdb?|logrotate"),
        "pg_ctl",
        "pg_ctlcluster");
    always("makes or changes a data directory", "initdb", "pg_resetwal", "pg_rewind");
    always("makes or changes a data directory", "pg_basebackup", "pg_createcluster");
    always("makes or changes a data directory", "pg_dropcluster", "pg_upgrade", "pg_combinebackup");
    always("changes databases", "createdb", "dropdb", "createuser", "dropuser", "vacuumdb");
    always("changes databases", "reindexdb", "clusterdb", "pg_restore", "pgbench");
    when("edits files in place", Danger.argument("-i.*|--in-place.*"), "sed", "perl");
    when("removes what it finds", Danger.argument("-delete"), "find");
  }

  /** Programs that run what follows them. */
  private static final Set<String> CARRIERS =
      Set.of(
          "sudo", "env", "exec", "nohup", "nice", "ionice", "setsid", "xargs", "command", "time");

  private static final Set<String> SHELLS = Set.of("sh", "bash", "dash", "ksh", "zsh");
  private static final Pattern WORD = Pattern.compile("'[^']*'|\"[^\"]*\"|[^\\s'\"]+");
  private static final Pattern QUOTED = Pattern.compile("'[^']*'|\"(?:\\\\.|[^\"\\\\])*\"");
  private static final Pattern REDIRECT =
      Pattern.compile(
          "(?<![-=<0-9&])(?:[0-9]|&)?>>?+\\|?+\\s*+(?!&|/dev/(?:null|stderr|stdout)\\b)(\\S)");
  private static final Pattern SEPARATOR =
      Pattern.compile(
          "&&|\\|\\|?|;;?|\\n|\\$\\(|[(){}`]|\\b(?:then|do|else|elif|if|while|until)\\b|!");

  private DestructiveCommands() {}

  /** Why the command is no probe, as a fact; empty if it is one as far as its words tell. */
  public static Optional<String> violation(List<String> argv) {
    return found(argv).map(what -> "a probe runs " + what);
  }

  /** The same of a shell script. */
  public static Optional<String> scriptViolation(String script) {
    return foundIn(script).map(what -> "a probe runs " + what);
  }

  static void require(Optional<String> violation) {
    violation.ifPresent(
        fact -> {
          throw Problem.usage(fact)
              .hint("A probe changes nothing; use ssh.run or Command.change for a change.");
        });
  }

  private static Optional<String> found(List<String> argv) {
    if (argv.isEmpty()) {
      return Optional.empty();
    }
    String program = argv.getFirst().replaceFirst(".*/", "");
    List<String> arguments = argv.subList(1, argv.size());
    if (SHELLS.contains(program)) {
      int script = arguments.indexOf("-c") + 1;
      return script > 0 && script < arguments.size()
          ? foundIn(arguments.get(script))
          : Optional.empty();
    }
    if (program.equals("command") && arguments.contains("-v")) {
      return Optional.empty(); // only asks where it is
    }
    if (CARRIERS.contains(program)) {
      int next = 0;
      while (next < arguments.size()
          && (arguments.get(next).startsWith("-") || arguments.get(next).contains("="))) {
        next++;
      }
      return found(arguments.subList(next, arguments.size()));
    }
    if (program.equals("find")) {
      int exec = Math.max(arguments.indexOf("-exec"), arguments.indexOf("-execdir")) + 1;
      Optional<String> carried =
          exec > 0 ? found(arguments.subList(exec, arguments.size())) : Optional.empty();
      if (carried.isPresent()) {
        return carried;
      }
    }
    return Optional.ofNullable(DANGERS.get(program))
        .filter(danger -> danger.when.test(arguments))
        .map(danger -> program + ", which " + danger.reason);
  }

  private static Optional<String> foundIn(String script) {
    String bare = QUOTED.matcher(script).replaceAll("''");
    if (REDIRECT.matcher(bare).find()) {
      return Optional.of("a redirection into a file");
    }
    return SEPARATOR
        .splitAsStream(bare)
        .map(DestructiveCommands::words)
        .flatMap(words -> found(words).stream())
        .findFirst();
  }

  private static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      // A variable that is set for the command is no part of it.
      if (!words.isEmpty() || !matcher.group().matches("\\w+=.*")) {
        words.add(matcher.group());
      }
    }
    return words;
  }

  private static void always(String reason, String... programs) {
    when(reason, arguments -> true, programs);
  }

  private static void when(String reason, Predicate<List<String>> condition, String... programs) {
    for (String program : programs) {
      DANGERS.put(program, new Danger(condition, reason));
    }
  }
}
