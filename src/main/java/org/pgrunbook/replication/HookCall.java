package org.pgrunbook.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.ClusterSpec.Hook;
import org.pgrunbook.journal.Run;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.replication.Preflight.Check;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.ssh.Output;
import org.pgrunbook.ssh.Ssh;
import org.pgrunbook.ssh.ThisMachine;

/**
 * Calls a hook of the inventory. What it is about comes in environment variables, never as a part
 * of the command, and its exit status decides.
 */
final class HookCall {
  /** Of a shell's line the first word, if it is a program: what stands there otherwise is known. */
  private static final String LOOK =
      """
      case $1 in *=*) exit 0 ;; esac
      command -v -- "$1" >/dev/null || echo "$1"
      """;

  private final Cluster cluster;
  private final String name;
  private final Hook hook;

  HookCall(Cluster cluster, String name, Hook hook) {
    this.cluster = cluster;
    this.name = name;
    this.hook = hook;
  }

  /**
   * Has a node cut off whose host cannot be asked to do it.
   *
   * @throws Problem with exit 1 if the hook fails, or takes too long
   */
  Fencing fence(Node node) {
    call(variables("", node));
    if (!cluster.run().means().isDry()) {
      cluster.run().journal().note(node + " is fenced: " + this + " ended well");
    }
    return new Fencing(node, Fencing.By.HOOK, "fenced by " + this);
  }

  /** Tells of a new primary; that it fails is one more thing to repair, and holds nothing up. */
  Told promoted(Node primary, Node former) {
    try {
      List<String> variables = new ArrayList<>(variables("", primary));
      variables.addAll(variables("FORMER_", former));
      call(variables);
      return new Told(toString(), true, "");
    } catch (Problem e) {
      if (e.exit() == Exit.INTERRUPTED) {
        throw e;
      }
      cluster.run().journal().warn(this + " failed: " + e.fact());
      return new Told(toString(), false, e.fact());
    }
  }

  /** It may print them, and only what is known is struck out: a resumed run has used none yet. */
  private void knowSecrets() {
    for (Node node : cluster.getNodes()) {
      try {
        node.spec().sql().password().ifPresent(secret -> secret.resolve(cluster.run().secrets()));
      } catch (Problem e) {
        cluster.run().journal().warn("the password of " + node + " is not known: " + e.fact());
      }
    }
  }

  private void call(List<String> variables) {
    knowSecrets();
    List<String> argv = new ArrayList<>(List.of("env", "PGRUNBOOK_CLUSTER=" + cluster.fullName()));
    argv.addAll(variables);
    argv.addAll(List.of("sh", "-c", hook.command()));
    Output ended =
        run(
            Command.change(argv)
                .timeout(hook.limit())
                .aloud()
                .accept(IntStream.range(0, 256).toArray()));
    if (ended.exit() != 0) {
      String complaint = ended.stderr().strip();
      throw Problem.failed(
          this
              + " ended with exit status "
              + ended.exit()
              + (complaint.isEmpty() ? "" : ": " + complaint));
    }
  }

  private static List<String> variables(String prefix, Node node) {
    return List.of(
        "PGRUNBOOK_" + prefix + "NODE=" + node.getName(),
        "PGRUNBOOK_" + prefix + "HOST=" + node.spec().host(),
        "PGRUNBOOK_" + prefix + "PORT=" + node.spec().sql().port());
  }

  /** Whether it can be called. */
  Check check() {
    String what = this + " can be called";
    try {
      String program = hook.command().strip().split("\\s+", 2)[0];
      String missing = run(Command.probeScript(LOOK, program)).text();
      return Check.refuses(
          !missing.isEmpty(), what, missing.isEmpty() ? hook.command() : missing + " is not there");
    } catch (Problem e) {
      return Check.refuses(true, what, e.fact());
    }
  }

  private Output run(Command command) {
    Run run = cluster.run();
    if (hook.host().isEmpty()) {
      return new ThisMachine(cluster.fullName(), run).run(command);
    }
    try (Ssh ssh = new Ssh(cluster.fullName() + "/" + hook.host().get(), hook.ssh(), run)) {
      return ssh.run(command);
    }
  }

  @Override
  public String toString() {
    return "hook \"" + name + "\"" + hook.host().map(host -> " on " + host).orElse("");
  }
}
