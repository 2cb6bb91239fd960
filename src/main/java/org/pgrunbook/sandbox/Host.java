package org.pgrunbook.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pgrunbook.Problem;

/**
 * One host of the sandbox: a home folder, a port for SSH and a port for PostgreSQL. Whatever
 * happens on it, by {@link Sandbox#up} or over SSH, is a command of its shell, run by the
 * unprivileged user when we are root.
 *
 * @param folder the sandbox's
 * @param name {@code pg1}
 * @param sshPort port of its SSH server on 127.0.0.1
 * @param sqlPort port for its PostgreSQL server on 127.0.0.1
 * @param bin folder of {@code initdb}, {@code pg_ctl} and {@code postgres}
 */
record Host(SandboxFolder folder, String name, int sshPort, int sqlPort, Path bin) {
  private static final String SYSTEM_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final int LIMIT_SECONDS = 60;

  /** The SSH user's home, with the data directory and the WAL spool in it. */
  Path home() {
    return folder.hosts().resolve(name);
  }

  /** The data directory; empty on a spare. */
  Path data() {
    return home().resolve("data");
  }

  /**
   * A command for the host's shell, not started yet. It leads a process group of its own, so that
   * it can be killed together with everything it has started.
   */
  ProcessBuilder shell(String command) {
    var builder =
        new ProcessBuilder(
            UnprivilegedUser.find().command(List.of("setsid", "/bin/sh", "-c", command)));
    builder.directory(home().toFile());
    var environment = builder.environment();
    environment.clear();
    environment.put("HOME", home().toString());
    environment.put("PATH", bin + ":" + SYSTEM_PATH);
    environment.put("LANG", "C.UTF-8");
    SandboxProcesses.mark(environment, folder.root());
    return builder;
  }

  /**
   * Runs a command to its end.
   *
   * @param input what the command reads
   * @throws Problem with exit 1, the command's last words in it, if it fails or takes over a minute
   */
  void run(String command, String input) {
    try {
      // A file, not a pipe: a server that the command has started would hold a pipe open.
      Path said = Files.createTempFile(home(), ".said-", "");
      try {
        Process process =
            shell(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try (var stdin = process.getOutputStream()) {
          stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
          process.destroyForcibly();
          throw Problem.failed("\"" + command + "\" failed on sandbox host \"" + name + "\"")
              .hint("It said: " + Files.readString(said).strip());
        }
      } finally {
        Files.deleteIfExists(said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted while the sandbox came up").because(e);
    }
  }

  /** Runs a command that reads nothing. */
  void run(String command) {
    run(command, "");
  }
}
