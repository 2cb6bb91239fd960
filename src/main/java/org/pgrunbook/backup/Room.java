package org.pgrunbook.backup;

import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/** What a host has to have for a restore: programs, folders that can be filled, and space. */
final class Room {
  /** For each folder what is free on its file system, and which that is. */
  private static final String FREE =
      """
      for folder; do
          while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
          df --block-size=1 --output=avail,target "$folder" | tail -n 1
      done
      """;

  /**
   * The first of the folders that cannot be made or filled, and the one that stands in the way. The
   * data directory has to be the user's own, or its mode cannot be set.
   */
  private static final String CLOSED =
      """
      for folder; do
          place=$folder
          while [ ! -e "$place" ]; do place=$(dirname "$place"); done
          if [ -d "$place" ] && [ -w "$place" ] && [ -x "$place" ]; then
              [ "$place" = "$folder" ] && [ ! -O "$place" ] && [ "$(id -u)" -ne 0 ] || continue
          fi
          printf '%s\\n' "$folder" "$place" "$(id -un)"
          exit 0
      done
      """;

  /** How many bytes of files there are already, in each folder. */
  private static final String TAKEN =
      """
      for folder; do
          [ ! -d "$folder" ] || find "$folder" -type f -printf '%s\\n'
          echo end
      done | awk '$1 == "end" { printf "%.0f\\n", sum; sum = 0; next } { sum += $1 }'
      """;

  private final Node node;

  Room(Node node) {
    this.node = node;
  }

  /** Refuses unless a backup could be restored there once the node's data are moved aside. */
  void requireFor(RestorePlan plan) {
    String data = node.getPostmaster().getData();
    requireTools(plan.backup());
    plan.tablespaces().values().stream()
        .filter(this::isOccupied)
        .findFirst()
        .ifPresent(
            folder -> {
              throw Problem.refused("\"%s\" of %s is not empty".formatted(folder, node))
                  .hint("Move what is there out of the way: nothing is deleted.")
                  .state("nothing was changed");
            });
    requireOpen(
        Stream.concat(
            Stream.of(isOccupied(data) ? parent(data) : data),
            plan.tablespaces().values().stream()));
    requireSpace(plan.needed(data), false);
  }

  boolean isOccupied(String folder) {
    Command look = Command.probeScript("[ ! -e \"$1\" ] || ls -A -- \"$1\" | head -n 1", folder);
    return !node.getSsh().run(look).text().isEmpty();
  }

  /** Found out while unpacking, it would be found out too late (P51). */
  void requireOpen(Stream<String> folders) {
    Command look = Command.probeScript(CLOSED, folders.toArray(String[]::new));
    List<String> closed = node.getSsh().run(look).lines();
    if (!closed.isEmpty()) {
      throw Problem.refused(
              "\"%s\" of %s cannot be written: \"%s\" is not open to user \"%s\""
                  .formatted(closed.get(0), node, closed.get(1), closed.get(2)))
          .hint("Make the folder on the host, and give it to the user who runs the server.")
          .state("nothing was changed");
    }
  }

  /** What is moved aside needs an entry in the folder above. */
  static String parent(String folder) {
    return folder.replaceFirst("/+$", "").replaceFirst("/[^/]+$", "/.");
  }

  /** Data, WAL and tablespaces may lie on one file system or on several (P51). */
  void requireSpace(Map<String, Long> needed, boolean kept) {
    String[] folders = needed.keySet().toArray(String[]::new);
    List<String> lines = node.getSsh().run(Command.probeScript(FREE, folders)).lines();
    if (kept) {
      // A file is replaced by a new one before the next, so what is there becomes free as it goes.
      Iterator<String> taken =
          node.getSsh().run(Command.probeScript(TAKEN, folders)).lines().iterator();
      needed.replaceAll((folder, bytes) -> Math.max(0, bytes - Long.parseLong(taken.next())));
    }
    Map<String, Long> left = new HashMap<>();
    Iterator<Long> each = needed.values().iterator();
    for (String line : lines) {
      String[] freeAndTarget = line.strip().split("\\s+", 2);
      left.putIfAbsent(freeAndTarget[1], Long.valueOf(freeAndTarget[0]));
      left.merge(freeAndTarget[1], -each.next(), Long::sum);
    }
    left.forEach(
        (target, bytes) -> {
          if (bytes < 0) {
            throw Problem.refused(
                    "file system \"%s\" of %s lacks %s for the restore"
                        .formatted(target, node, new DataSize(-bytes)))
                .state("nothing was changed");
          }
        });
  }

  /**
   * The server that is to run has to be of the backup's major version (P52), and the tools have to
   * be there.
   */
  void requireTools(Manifest backup) {
    String said = node.getSsh().read(node.getPostmaster().program("postgres"), "--version").text();
    if (!said.matches(".*\\) " + backup.postgres() + "\\b.*")) {
      throw Problem.refused(
              "backup \"%s\" is of PostgreSQL %d but %s has \"%s\""
                  .formatted(backup.id(), backup.postgres(), node, said))
          .hint("Install the same major version, or name its programs with the node's key bin.")
          .state("nothing was changed");
    }
    String tool = backup.compression().program();
    if (!node.getSsh().has(tool)) {
      throw Problem.refused("there is no \"" + tool + "\" on " + node)
          .hint("Install it: the backup is compressed with it.")
          .state("nothing was changed");
    }
  }
}
