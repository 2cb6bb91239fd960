package org.pgrunbook.backup;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * Where a restore goes, looked at before anything is touched.
 *
 * @param node the node
 * @param data its data directory
 * @param occupied those of the folders of the restore that hold something
 * @param free what is free on the file system of the data directory
 */
public record Ground(Node node, String data, List<String> occupied, DataSize free) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private static final String FREE =
      """
      folder=$1
      while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
      df -P -k "$folder" | awk 'NR == 2 { print $4 }'
      """;

  /** Looks at the node; refuses what must never be restored onto. */
  static Ground of(Node node, RestorePlan plan, Existing existing) {
    String data =
        node.spec()
            .data()
            .orElseThrow(
                () ->
                    Problem.usage("node \"" + node.fullName() + "\" has no data directory")
                        .hint("Name it with the node's key data."));
    if (node.getPostmaster().isRunning()) {
      throw Problem.refused("a server is running in \"" + data + "\" of " + node)
          .hint("Stop it first, if this is really where the restore should go.")
          .state("nothing was changed");
    }
    requireTools(node, plan.backup());
    List<String> occupied = new ArrayList<>();
    if (isOccupied(node, data)) {
      occupied.add(data);
    }
    plan.tablespaces().values().stream()
        .filter(location -> isOccupied(node, location))
        .forEach(occupied::add);
    if (!occupied.isEmpty() && existing == Existing.REFUSE) {
      throw Problem.refused("\"%s\" of %s is not empty".formatted(occupied.getFirst(), node))
          .hint("Use -p existing=aside to move it out of the way; nothing is deleted.")
          .hint("A tablespace goes elsewhere with -p tablespaces=OLD=/new/location.")
          .state("nothing was changed");
    }
    DataSize free = free(node, data);
    DataSize needed = plan.backup().restored();
    if (free.compareTo(needed) < 0) {
      throw Problem.refused("%s has %s free but the restore needs %s".formatted(node, free, needed))
          .state("nothing was changed");
    }
    return new Ground(node, data, occupied, free);
  }

  /** Moves what is there out of the way and returns where it went. */
  public List<String> moveAside(Instant now) {
    List<String> moved = new ArrayList<>();
    for (String folder : occupied) {
      String to = folder.replaceFirst("/+$", "") + "." + STAMP.format(now);
      node.getSsh().run("mv", "--no-target-directory", "--", folder, to);
      moved.add(to);
    }
    return moved;
  }

  private static boolean isOccupied(Node node, String folder) {
    Command look = Command.probeScript("[ ! -e \"$1\" ] || ls -A -- \"$1\" | head -n 1", folder);
    return !node.getSsh().run(look).text().isEmpty();
  }

  private static DataSize free(Node node, String folder) {
    String free = node.getSsh().run(Command.probeScript(FREE, folder)).text();
    return new DataSize(Long.parseLong(free.strip()) * 1024);
  }

  /**
   * The server that is to run has to be of the backup's major version (P52), and the tools have to
   * be there.
   */
  private static void requireTools(Node node, Manifest backup) {
    String said = node.getSsh().read(node.getPostmaster().program("postgres"), "--version").text();
    if (!said.matches(".*\\) " + backup.postgres() + "\\b.*")) {
      throw Problem.refused(
              "backup \"%s\" is of PostgreSQL %d but %s has \"%s\""
                  .formatted(backup.id(), backup.postgres(), node, said))
          .hint("Install the same major version, or name its programs with the node's key bin.")
          .state("nothing was changed");
    }
    String tool = backup.compression().program();
    if (node.getSsh()
            .run(Command.probeScript("command -v \"$1\" >/dev/null", tool).accept(0, 1, 127))
            .exit()
        != 0) {
      throw Problem.refused("there is no \"" + tool + "\" on " + node)
          .hint("Install it: the backup is compressed with it.")
          .state("nothing was changed");
    }
  }
}
