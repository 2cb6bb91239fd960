package org.pgrunbook.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The shared memory that killed servers leave behind, outside of the sandbox's folder: one small
 * System V segment a server, which guards its data directory, and what initdb tries out under
 * {@code /dev/shm}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/kernel-resources.html">Managing Kernel
 *     Resources</a>
 */
final class SharedMemory {
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final int SHMEM_LINE_OF_POSTMASTER_PID = 6;

  private record Segment(int key, int id) {}

  private final Set<Segment> segments = new HashSet<>();
  private final Set<Path> files = new HashSet<>();
  private final Set<String> creators = new HashSet<>();

  /** Notes what a running process has mapped, and itself: it may make a segment before it dies. */
  void note(SandboxProcesses.Running process) {
    creators.add(Long.toString(process.handle().pid()));
    try (var maps = Files.lines(Path.of("/proc", "" + process.handle().pid(), "maps"))) {
      // 7f2c1e000-7f2c1f000 rw-s 00000000 00:01 98304    /SYSV0010d4e5 (deleted)
      maps.map(line -> BLANKS.split(line, 6))
          .filter(column -> column.length == 6)
          .forEach(column -> note(column[4], column[5]));
    } catch (IOException | UncheckedIOException e) {
      // It has ended meanwhile.
    }
  }

  private void note(String inode, String mapped) {
    if (mapped.startsWith("/SYSV")) {
      segments.add(
          new Segment(
              Integer.parseUnsignedInt(mapped.substring(5, 13), 16), Integer.parseInt(inode)));
    } else if (mapped.startsWith("/dev/shm/PostgreSQL.")) {
      files.add(Path.of(mapped.replaceFirst(" \\(deleted\\)$", "")));
    }
  }

  /** Notes what servers that died long ago have written down in {@code postmaster.pid}. */
  void noteDead(Path hosts) throws IOException {
    if (Files.notExists(hosts)) {
      return;
    }
    List<Path> found;
    try (var tree = Files.find(hosts, 3, (path, attributes) -> path.endsWith("postmaster.pid"))) {
      found = tree.toList();
    }
    for (Path file : found) {
      List<String> lines = Files.readAllLines(file);
      if (lines.size() > SHMEM_LINE_OF_POSTMASTER_PID) {
        List<String> column = columns(lines.get(SHMEM_LINE_OF_POSTMASTER_PID));
        segments.add(
            new Segment(
                (int) Long.parseUnsignedLong(column.get(0)), Integer.parseInt(column.get(1))));
      }
    }
  }

  /** Removes what was noted and nobody uses any more. */
  void remove() throws IOException {
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    for (Segment orphan : orphans()) {
      new ProcessBuilder("ipcrm", "-m", Integer.toString(orphan.id())).start().onExit().join();
    }
  }

  private List<Segment> orphans() throws IOException {
    List<Segment> orphans = new ArrayList<>();
    List<String> table = Files.readAllLines(Path.of("/proc/sysvipc/shm"));
    for (String line : table.subList(1, table.size())) {
      // key shmid perms size cpid lpid nattch …
      List<String> column = columns(line);
      var segment = new Segment(Integer.parseInt(column.get(0)), Integer.parseInt(column.get(1)));
      boolean noted = segments.contains(segment) || creators.contains(column.get(4));
      if (noted && column.get(6).equals("0")) {
        orphans.add(segment);
      }
    }
    return orphans;
  }

  private static List<String> columns(String line) {
    return BLANKS.splitAsStream(line.strip()).toList();
  }
}
