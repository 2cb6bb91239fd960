package org.pgrunbook.sandbox;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;

/**
 * What was decided when a sandbox was brought up, kept in {@code sandbox.json}.
 *
 * @param postgres major version
 * @param bin folder of its binaries
 * @param ports the first of {@link #PORTS} successive ports of 127.0.0.1
 */
record Plan(int postgres, String bin, int ports) {
  static final String CLUSTER = "demo";
  static final String BUCKET = "pgrunbook";

  /** Who logs in over SSH, whoever the shells really run as. */
  static final String SSH_USER = "postgres";

  private static final List<String> NAMES = List.of("pg1", "pg2", "pg3", "pg4");
  private static final int PORTS = 2 * NAMES.size() + 1;
  private static final int FIRST = 20_000;

  /** From here on the kernel takes ports for outgoing connections. */
  private static final int LIMIT = 32_768;

  /** The four hosts: a primary, two standbys and a spare. */
  List<Host> hosts(SandboxFolder folder) {
    return IntStream.range(0, NAMES.size())
        .mapToObj(
            i -> new Host(folder, NAMES.get(i), ports + i, ports + NAMES.size() + i, Path.of(bin)))
        .toList();
  }

  /**
   * One of the hosts.
   *
   * @throws Problem with exit 2 if there is none of that name
   */
  Host host(SandboxFolder folder, String name) {
    return hosts(folder).stream()
        .filter(host -> host.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Problem.usage("the sandbox has no node \"" + name + "\"")
                    .hint(Nearest.hint(name, NAMES)));
  }

  int s3Port() {
    return ports + PORTS - 1;
  }

  /** Finds ports that are free, all together so that two sandboxes hardly choose the same ones. */
  static int freePorts() {
    int blocks = (LIMIT - FIRST) / PORTS;
    return IntStream.generate(() -> FIRST + PORTS * ThreadLocalRandom.current().nextInt(blocks))
        .limit(blocks)
        .filter(first -> IntStream.range(first, first + PORTS).allMatch(Plan::isFree))
        .findFirst()
        .orElseThrow(() -> Problem.failed("no " + PORTS + " successive free ports on 127.0.0.1"));
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** The text of {@code sandbox.json}. */
  byte[] toJson() throws IOException {
    return JSON.std.asBytes(this);
  }

  /**
   * Reads the plan of a sandbox.
   *
   * @throws Problem with exit 3 if there is no complete sandbox
   */
  static Plan of(SandboxFolder folder) throws IOException {
    if (!Files.exists(folder.inventory())) {
      throw Problem.refused("no sandbox is up in \"" + folder.root() + "\"")
          .hint("Run \"pgrunbook sandbox up\".");
    }
    return read(folder);
  }

  static Plan read(SandboxFolder folder) throws IOException {
    return JSON.std.beanFrom(Plan.class, Files.readString(folder.plan()));
  }
}
