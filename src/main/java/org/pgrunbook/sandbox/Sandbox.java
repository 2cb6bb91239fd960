package org.pgrunbook.sandbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;

/**
 * The cluster {@code demo} on this machine: primary {@code pg1}, streaming standbys {@code pg2} and
 * {@code pg3}, the spare host {@code pg4} and an S3 repository, on loopback only.
 *
 * <p>Everything lies in one folder; several sandboxes may exist beside each other. It outlives the
 * process that brought it up, and {@link #down} takes it down from any state that a crash may have
 * left.
 */
public final class Sandbox {
  private final Path root;
  private final Time time;
  private final Consumer<String> progress;

  /**
   * A sandbox in the given folder, which need not exist.
   *
   * @param progress hears in a few words what is being done
   */
  public Sandbox(Path root, Time time, Consumer<String> progress) {
    this.root = root.toAbsolutePath().normalize();
    this.time = time;
    this.progress = progress;
  }

  /** A sandbox that says nothing. */
  public Sandbox(Path root) {
    this(root, Time.system(), said -> {});
  }

  /**
   * Where the sandbox of a state folder lies: in it, unless we are root and the servers' user
   * cannot enter it, as usual with folders below {@code /root}; then in {@code /var/lib/pgrunbook}.
   */
  public static Path placeFor(Path state) {
    var inside = new SandboxFolder(state.toAbsolutePath().normalize().resolve("sandbox"));
    try {
      return UnprivilegedUser.find().name().isEmpty() || inside.isReachable()
          ? inside.root()
          : Path.of("/var/lib/pgrunbook/sandbox");
    } catch (IOException e) {
      throw Problem.failed("cannot look at \"" + state + "\": " + e).because(e);
    }
  }

  /**
   * Brings the sandbox up; returns when the primary takes writes, both standbys stream and every
   * host and the store answer. If it fails, nothing is left.
   *
   * @param postgres major version, 15 to 18
   * @throws Problem with exit 3 if the folder holds a sandbox or anything else
   */
  public void up(int postgres) {
    try {
      requireReachable(folder());
      Files.createDirectories(root);
      try (FileChannel claim = folder().claim().orElseThrow(this::alreadyThere)) {
        build(claim, postgres);
      }
    } catch (IOException e) {
      throw cannot("bring up", e);
    }
  }

  /**
   * Kills all processes of the sandbox and deletes its folder.
   *
   * @return whether there was one
   * @throws Problem with exit 3 if the folder is no sandbox, or one that is just being brought up
   */
  public boolean down() {
    try {
      SandboxFolder folder = folder();
      if (Files.notExists(root) || folder.isEmpty()) {
        return false;
      }
      if (!folder.isSandbox()) {
        throw Problem.refused("\"" + root + "\" is no sandbox").state("nothing was changed");
      }
      if (folder.isBeingBroughtUp()) {
        throw Problem.refused("the sandbox in \"" + root + "\" is just being brought up")
            .hint("Wait until it is up, or end the command that brings it up.");
      }
      remove(folder);
      return true;
    } catch (IOException e) {
      throw cannot("take down", e);
    }
  }

  /**
   * Tells what runs.
   *
   * @throws Problem with exit 3 if no sandbox is up
   */
  public SandboxStatus status() {
    try {
      SandboxFolder folder = folder();
      Plan plan = Plan.of(folder);
      return SandboxStatus.of(folder, plan, processes(folder).running());
    } catch (IOException e) {
      throw cannot("look at", e);
    }
  }

  /**
   * Kills the PostgreSQL server of a node as {@code kill -9} would, postmaster and all; its host
   * goes on.
   *
   * @throws Problem with exit 3 if no sandbox is up, with exit 2 if it has no such node
   */
  public void kill(String node) {
    try {
      SandboxFolder folder = folder();
      Host host = Plan.of(folder).host(folder, node);
      // Not whoever else is in the data directory: a copy that is being taken goes on.
      processes(folder)
          .kill(process -> process.isPostgres() && process.isIn(host.data()), process -> {});
    } catch (IOException e) {
      throw cannot("look at", e);
    }
  }

  /**
   * The inventory of the cluster.
   *
   * @throws Problem with exit 3 if no sandbox is up
   */
  public Path inventory() {
    try {
      Plan.of(folder());
      return folder().inventory();
    } catch (IOException e) {
      throw cannot("look at", e);
    }
  }

  private void build(FileChannel claim, int postgres) throws IOException {
    SandboxFolder folder = folder();
    boolean complete = false;
    try {
      progress.accept("unpacking PostgreSQL " + postgres);
      Path bin = Binaries.of(postgres).folder().resolve("bin");
      Plan plan = new Plan(postgres, bin.toString(), Plan.freePorts());
      claim.write(ByteBuffer.wrap(plan.toJson()));
      folder.furnish(plan);
      Process daemon = SandboxDaemon.start(folder);
      new DemoCluster(folder, plan, time, progress).create();
      progress.accept("waiting for the SSH servers and the S3 server");
      SandboxDaemon.await(daemon, folder, plan, time);
      Files.writeString(folder.inventory(), SandboxInventory.of(folder, plan));
      complete = true;
    } finally {
      if (!complete) {
        remove(folder);
      }
    }
  }

  private void remove(SandboxFolder folder) throws IOException {
    SandboxProcesses processes = processes(folder);
    processes.awaitBirths();
    do {
      var memory = new SharedMemory();
      memory.noteDead(folder.hosts());
      processes.kill(process -> true, memory::note);
      memory.remove();
      folder.delete();
      // A process that was being started while we looked may only now have its mark.
    } while (!processes.running().isEmpty());
  }

  private static void requireReachable(SandboxFolder folder) throws IOException {
    var user = UnprivilegedUser.find().name();
    if (user.isPresent() && !folder.isReachable()) {
      throw Problem.refused(
              "user \"%s\", who runs the servers for root, cannot enter \"%s\""
                  .formatted(user.get(), folder.root()))
          .hint("Use a folder that every user can reach, such as one in /var/lib.")
          .state("nothing was changed");
    }
  }

  private Problem alreadyThere() {
    try {
      SandboxFolder folder = folder();
      if (folder.isBeingBroughtUp()) {
        return Problem.refused("another command is bringing up the sandbox in \"" + root + "\"")
            .hint("Wait until it is up.");
      }
      boolean complete = Files.exists(folder.inventory());
      if (complete && SandboxStatus.isServing(folder, processes(folder).running())) {
        return Problem.refused("the sandbox in \"" + root + "\" is up already")
            .hint("Use it as it is, or run \"pgrunbook sandbox down\" first.");
      }
      return Problem.refused("what a crash has left of a sandbox is in \"" + root + "\"")
          .hint("Run \"pgrunbook sandbox down\" first.");
    } catch (IOException e) {
      return cannot("look at", e);
    }
  }

  private SandboxProcesses processes(SandboxFolder folder) {
    return new SandboxProcesses(folder.root(), time);
  }

  /** By its real path, which is what processes show as their folder. */
  private SandboxFolder folder() throws IOException {
    return new SandboxFolder(Files.exists(root) ? root.toRealPath() : root);
  }

  private Problem cannot(String what, IOException e) {
    return Problem.failed("cannot " + what + " the sandbox in \"" + root + "\": " + e).because(e);
  }
}
