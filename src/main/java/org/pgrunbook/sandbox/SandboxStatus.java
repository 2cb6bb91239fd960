package org.pgrunbook.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.OptionalLong;
import org.pgrunbook.inventory.NodeSpec.Role;
import org.pgrunbook.sandbox.SandboxProcesses.Running;

/**
 * What runs of a sandbox.
 *
 * @param postgres major version of PostgreSQL
 * @param serving whether the process with the SSH servers and the S3 server runs
 * @param nodes the cluster's nodes
 */
public record SandboxStatus(int postgres, boolean serving, List<Node> nodes) {

  /**
   * One node as its files and processes show it.
   *
   * @param name {@code pg1}
   * @param sshPort port of its host's SSH server on 127.0.0.1
   * @param sqlPort port of its PostgreSQL server on 127.0.0.1
   * @param role a spare has no data directory, a standby has a {@code standby.signal} in it
   * @param postmaster process id of the server; absent if it does not run
   */
  public record Node(String name, int sshPort, int sqlPort, Role role, OptionalLong postmaster) {}

  static SandboxStatus of(SandboxFolder folder, Plan plan, List<Running> running) {
    return new SandboxStatus(
        plan.postgres(),
        isServing(folder, running),
        plan.hosts(folder).stream()
            .map(
                host ->
                    new Node(
                        host.name(),
                        host.sshPort(),
                        host.sqlPort(),
                        role(host),
                        postmaster(host, running)))
            .toList());
  }

  /** The daemon is the one process right in the sandbox's folder. */
  static boolean isServing(SandboxFolder folder, List<Running> running) {
    return running.stream().anyMatch(process -> process.folder().equals(folder.root()));
  }

  private static Role role(Host host) {
    if (!Files.exists(host.data().resolve("PG_VERSION"))) {
      return Role.SPARE;
    }
    return Files.exists(host.data().resolve("standby.signal")) ? Role.STANDBY : Role.PRIMARY;
  }

  private static OptionalLong postmaster(Host host, List<Running> running) {
    // The file outlives a killed server; its number may by now be another process.
    return running.stream()
        .filter(process -> process.folder().equals(host.data()))
        .mapToLong(process -> process.handle().pid())
        .filter(pid -> Long.toString(pid).equals(firstLine(host)))
        .findFirst();
  }

  private static String firstLine(Host host) {
    try (var lines = Files.lines(host.data().resolve("postmaster.pid"))) {
      return lines.findFirst().orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
