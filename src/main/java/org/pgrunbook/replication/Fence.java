package org.pgrunbook.replication;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.Control;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Postmaster;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.replication.Evidence.Verdict;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.ssh.Output;

/**
 * Keeps a former primary from taking writes, also after its host was restarted (P68): its data
 * directory says standby, its service does not start, and no process is left.
 *
 * @see <a href="https://www.postgresql.org/docs/current/warm-standby.html#STANDBY-SERVER-SETUP">
 *     standby.signal</a>
 */
final class Fence {
  /** A server that has come back answers at once. */
  private static final Duration RECHECK = Duration.ofMillis(500);

  private static final Duration SHUTDOWN = Duration.ofSeconds(5);

  /** What a healthy server may write before it is down. */
  private static final Duration FAST = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(50);
  private static final int POLLS = 100;

  private static final String MARK =
      """
      : > "$1/standby.signal" || exit 1
      sync "$1/standby.signal" "$1" 2>/dev/null || sync
      """;

  private final Node node;

  Fence(Node node) {
    this.node = node;
  }

  /**
   * Closes it by what is at hand: its host; the hook, where the host is out of reach or does not
   * get rid of a process; or only a person's word.
   */
  Fencing close(Evidence evidence, Optional<HookCall> hook, boolean vouched) {
    if (evidence.verdict() == Verdict.OUT_OF_REACH) {
      return hook.isEmpty() || vouched ? asFarAsIsKnown("is out of reach") : hook.get().fence(node);
    }
    if (evidence.verdict() == Verdict.LOST) {
      return closeWithoutData(hook, vouched);
    }
    try {
      close(evidence.verdict() == Verdict.HUNG);
      return new Fencing(
          node,
          Fencing.By.HOST,
          "fenced by its standby.signal"
              + node.spec().service().map(name -> " and the disabled service " + name).orElse(""));
    } catch (Problem e) {
      if (hook.isEmpty() || e.exit() == Exit.REFUSED || e.exit() == Exit.INTERRUPTED) {
        throw e;
      }
      node.run().journal().warn("the host of " + node + " does not fence it: " + e.fact());
      return hook.get().fence(node);
    }
  }

  /**
   * Nothing can be left in a data directory that is not there, but might come back with its disk.
   */
  private Fencing closeWithoutData(Optional<HookCall> hook, boolean vouched) {
    requireSilence();
    boolean disabled = disable();
    stop(Postmaster.Stop.IMMEDIATE, SHUTDOWN);
    if (disabled) {
      return new Fencing(
          node, Fencing.By.HOST, "fenced by the disabled service " + node.spec().service().get());
    }
    return vouched
        ? asFarAsIsKnown("has no data directory")
        : hook.orElseThrow(
                () ->
                    Problem.failed("nothing keeps the server of " + node + " from being started")
                        .hint("See to it, then say so with -p fencedOtherwise=true.")
                        .state(node + " is not fenced; no standby was promoted"))
            .fence(node);
  }

  private Fencing asFarAsIsKnown(String why) {
    node.run().journal().warn(node + " " + why + ", and is fenced only as far as you know");
    return new Fencing(node, Fencing.By.PERSON, "cut off, as somebody has said");
  }

  /** Marks first and stops then: whoever restarts the server in between starts a standby. */
  private void close(boolean hung) {
    requireSilence();
    mark();
    disable();
    if (hung) {
      kill(node.getPostmaster().processes());
      node.run().means().outcome("no process of " + node + " is left", this::requireNoProcess);
    } else {
      stop(Postmaster.Stop.IMMEDIATE, SHUTDOWN);
    }
  }

  /** The evidence may be as old as a person takes to confirm. */
  private void requireSilence() {
    Parallel.within(RECHECK, List.of(node), Standing::ask, it -> Standing.silent(it, RECHECK))
        .getFirst()
        .answer()
        .ifPresent(
            answer -> {
              throw Problem.refused(node + " came back: " + answer)
                  .hint("Begin again: the evidence has changed.");
            });
  }

  /**
   * The same of a server that answers, and takes writes although another does too. It is stopped
   * fast: its clients are cut off, and what they have committed is on its disk.
   */
  void closeAlive() {
    mark();
    disable();
    stop(Postmaster.Stop.FAST, FAST);
  }

  /** Lets it start as a primary again; starts nothing. */
  void open() {
    release();
    unmark();
  }

  /** Its host does not start it any more. */
  boolean disable() {
    return service("disable", "mask", "disabled");
  }

  /** Whether its host starts it by a service, which can be disabled. */
  static boolean hasService(Node node) {
    return switch (node.spec().control()) {
      case Control.Systemd ignored -> true;
      case Control.PgCtlcluster ignored -> true;
      case Control.PgCtl ignored -> false;
      case Control.Commands ignored -> false;
    };
  }

  /** Lets its host start it again, as the standby that it is; starts nothing. */
  void release() {
    service("unmask", "enable", "auto");
  }

  /** From its next start on it is a standby. */
  void mark() {
    node.getSsh().run(Command.changeScript(MARK, node.getPostmaster().getData()));
  }

  /** Its next start makes it what it was. */
  void unmark() {
    node.getSsh().run("rm", "--force", "--", node.getPostmaster().getData() + "/standby.signal");
  }

  /** Whether there is one, and it obeyed. */
  private boolean service(String first, String second, String startConf) {
    String name = node.spec().service().orElse("");
    return switch (node.spec().control()) {
      case Control.Systemd ignored -> {
        attempt(Command.change("systemctl", first, name).sudo());
        // A unit that is made anew at each boot is only masked.
        yield attempt(Command.change("systemctl", second, name).sudo());
      }
      case Control.PgCtlcluster ignored ->
          // postgresql@15-main; the file belongs to whom the server belongs to
          attempt(
              Command.changeScript(
                  "echo \"$2\" > \"/etc/postgresql/$1/start.conf\"",
                  name.replaceFirst("^.*@", "").replaceFirst("-", "/"),
                  startConf));
      case Control.PgCtl ignored -> false;
      case Control.Commands ignored -> false;
    };
  }

  /** That the data directory says standby holds without it, so the failover need not end here. */
  private boolean attempt(Command command) {
    Output output =
        node.getSsh().run(command.accept(java.util.stream.IntStream.range(0, 256).toArray()));
    if (output.exit() != 0) {
      node.run()
          .journal()
          .warn("%s: %s: %s".formatted(node, command.text(), output.stderr().strip()));
    }
    return output.exit() == 0;
  }

  private void stop(Postmaster.Stop mode, Duration limit) {
    Postmaster postmaster = node.getPostmaster();
    if (!postmaster.isRunning()) {
      return;
    }
    try {
      postmaster.stop(mode, limit);
    } catch (Problem e) {
      node.run().journal().warn(node + " does not stop, it is killed: " + e.fact());
      kill(postmaster.processes());
    }
    node.run().means().outcome("no process of " + node + " is left", this::requireNoProcess);
  }

  private void requireNoProcess() {
    Postmaster postmaster = node.getPostmaster();
    List<Long> left = postmaster.processes();
    for (int polls = 0; !left.isEmpty() && polls < POLLS; polls++) {
      node.run().time().sleep(POLL);
      left = postmaster.processes();
    }
    if (!left.isEmpty()) {
      throw Problem.failed("processes " + left + " of " + node + " cannot be killed")
          .hint("They wait for storage that does not answer: cut the host's power.")
          .state(node + " is not fenced; no standby was promoted");
    }
  }

  /** What ended meanwhile is no failure. */
  private void kill(List<Long> processes) {
    if (!processes.isEmpty()) {
      String list = String.join(" ", processes.stream().map(String::valueOf).toList());
      node.getSsh().run(Command.changeScript("kill -KILL $1 2>/dev/null; exit 0", list));
    }
  }
}
