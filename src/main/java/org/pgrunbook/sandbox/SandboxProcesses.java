package org.pgrunbook.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;

/**
 * The processes of a sandbox, found in {@code /proc}: no list that a crash could leave out of date.
 * Each is born with a mark in its environment. PostgreSQL's children write their titles over it,
 * but they stay in the data directory.
 *
 * @param root the sandbox's folder, as a real path
 * @param time the clock
 */
record SandboxProcesses(Path root, Time time) {
  private static final String MARK = "PGRUNBOOK_SANDBOX";
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration BIRTH = Duration.ofSeconds(2);

  /** A process, its program and its current folder. */
  record Running(ProcessHandle handle, Path program, Path folder) {
    boolean isPostgres() {
      return program.endsWith("postgres");
    }

    boolean isIn(Path other) {
      return folder.startsWith(other);
    }
  }

  /** Marks a process that is about to be started. */
  static void mark(Map<String, String> environment, Path root) {
    environment.put(MARK, root.toString());
  }

  /** All that run now, without this one. */
  List<Running> running() {
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .flatMap(process -> ours(process).stream())
        .toList();
  }

  /**
   * Waits until what Java programs are just starting has become what it will be. For a moment such
   * a process still has the environment of who starts it, and a command that brings a sandbox up
   * has no mark itself: killed at that moment it leaves a child that could not be told to be ours.
   */
  void awaitBirths() {
    List<ProcessHandle> births =
        ProcessHandle.allProcesses().filter(SandboxProcesses::isBeingBorn).toList();
    time.until(() -> births.stream().noneMatch(SandboxProcesses::isBeingBorn), BIRTH, PAUSE);
  }

  private static boolean isBeingBorn(ProcessHandle process) {
    try {
      return link(Path.of("/proc", Long.toString(process.pid()), "exe")).endsWith("jspawnhelper");
    } catch (IOException e) {
      return false; // it has ended, or belongs to somebody else
    }
  }

  /**
   * Kills processes as {@code kill -9} does, until there are none.
   *
   * @param doomed which ones
   * @param before hears of each before it is killed
   * @throws Problem with exit 1 if one does not end
   */
  void kill(Predicate<Running> doomed, Consumer<Running> before) {
    long start = time.nanos();
    while (true) {
      List<Running> found = running().stream().filter(doomed).toList();
      if (found.isEmpty()) {
        return;
      }
      if (time.since(start).compareTo(LIMIT) > 0) {
        throw Problem.failed("process " + found.getFirst().handle().pid() + " does not end");
      }
      found.forEach(before);
      found.forEach(process -> process.handle().destroyForcibly());
      time.sleep(PAUSE);
    }
  }

  private Optional<Running> ours(ProcessHandle process) {
    Path proc = Path.of("/proc", Long.toString(process.pid()));
    try {
      var running = new Running(process, link(proc.resolve("exe")), link(proc.resolve("cwd")));
      boolean server = running.isPostgres() && running.isIn(root);
      return server || isMarked(proc) ? Optional.of(running) : Optional.empty();
    } catch (IOException e) {
      // It has ended, or belongs to somebody else.
      return Optional.empty();
    }
  }

  private boolean isMarked(Path proc) throws IOException {
    String environment =
        new String(Files.readAllBytes(proc.resolve("environ")), StandardCharsets.UTF_8);
    return Arrays.asList(environment.split("\0")).contains(MARK + "=" + root);
  }

  private static Path link(Path link) throws IOException {
    String target = Files.readSymbolicLink(link).toString();
    return Path.of(target.replaceFirst(" \\(deleted\\)$", ""));
  }
}
