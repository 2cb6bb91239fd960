package org.pgrunbook.backup;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Doubt.Settlement;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * Where a restore goes, looked at before anything is touched.
 *
 * @param node the node
 * @param data its data directory
 * @param occupied those of the folders of the restore that hold something
 */
public record Ground(Node node, String data, List<String> occupied) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /**
   * From the first moment on no server can start there. WAL may be the only copy there is (P50),
   * and pg_wal may be a link, which then moves as one. The WAL of an earlier recovery is only ours.
   */
  private static final String DISARM =
      """
      [ -d "$1" ] || exit 0
      if [ -e "$1/global/pg_control" ]; then
          echo "a restore onto what was there has begun" > "$1/RESTORE_UNFINISHED" && sync "$1/RESTORE_UNFINISHED" "$1" &&
          rm -f -- "$1/global/pg_control" && sync "$1/global" || exit
      fi
      rm -rf -- "$3"
      if [ -n "$(find "$1/pg_wal/" -type f 2>/dev/null | head -n 1)" ] && [ ! -e "$2" ]; then
          mv --no-target-directory -- "$1/pg_wal" "$2" || exit
      fi
      [ ! -e "$2" ] || printf '%s' "$2"
      """;

  /** Where the tablespaces of the host's running servers are. */
  private static final String LIVE_TABLESPACES =
      """
      find /proc/[0-9]*/cwd -maxdepth 0 -printf '%l\\n' 2>/dev/null | sort -u |
      while IFS= read -r data; do
          find "$data/pg_tblspc" -maxdepth 1 -type l -printf '%l\\n' 2>/dev/null
      done
      exit 0
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
          .hint("Restore onto a spare; a server that is to be replaced has to be stopped first.")
          .state("nothing was changed");
    }
    Room room = new Room(node);
    room.requireTools(plan.backup());
    requireNoLiveTablespace(node, plan);
    List<String> folders =
        Stream.concat(
                Stream.of(data, Restore.walFolder(data)), plan.tablespaces().values().stream())
            .toList();
    List<String> occupied = folders.stream().filter(room::isOccupied).toList();
    if (!occupied.isEmpty() && existing == Existing.REFUSE) {
      throw Problem.refused("\"%s\" of %s is not empty".formatted(occupied.getFirst(), node))
          .hint("Use -p existing=aside to move it out of the way; nothing is deleted.")
          .hint("If it is of the same cluster, -p existing=delta replaces only what differs.")
          .hint("A tablespace goes elsewhere with -p tablespaces=OLD=/new/location.")
          .state("nothing was changed");
    }
    boolean kept = existing == Existing.DELTA;
    if (kept && occupied.contains(data)) {
      requireSameSystem(node, plan, data);
    }
    room.requireOpen(
        folders.stream().map(it -> !kept && occupied.contains(it) ? Room.parent(it) : it));
    room.requireSpace(plan.needed(data), kept);
    return new Ground(node, data, occupied);
  }

  /**
   * Moves what is there beside, with a time stamp behind its name.
   *
   * @return where it went
   */
  @Changes
  public List<String> moveAside(Instant now) {
    List<String> moved = new ArrayList<>();
    for (String folder : occupied) {
      String to = folder.replaceFirst("/+$", "") + "." + STAMP.format(now);
      // Not twice, should the run have been ended right after it.
      Doubt.settledBy(
          () -> exists(to) ? Settlement.DONE : Settlement.NOT_DONE,
          () -> node.getSsh().run("mv", "--no-target-directory", "--", folder, to));
      moved.add(to);
    }
    return moved;
  }

  /**
   * Makes sure that no server starts from what is there, and keeps its WAL beside.
   *
   * @return where that went; empty if there is none
   */
  @Changes
  public String disarm(Instant now) {
    String base = data.replaceFirst("/+$", "");
    return Doubt.repeatable(
        () ->
            node.getSsh()
                .run(
                    Command.changeScript(
                        DISARM,
                        base,
                        base + "." + STAMP.format(now) + ".pg_wal",
                        Restore.walFolder(data)))
                .text());
  }

  private boolean exists(String path) {
    return node.getSsh().run(Command.probe("test", "-e", path).accept(0, 1)).exit() == 0;
  }

  /** Files of another database system would not be kept, but deleted (P50). */
  private static void requireSameSystem(Node node, RestorePlan plan, String data) {
    byte[] control =
        node.getSsh()
            .run(
                Command.probeScript(
                    "[ -e \"$1/RESTORE_UNFINISHED\" ] && printf unfinished || cat"
                        + " \"$1/global/pg_control\" || :",
                    data))
            .bytes();
    boolean unfinished = new String(control, StandardCharsets.UTF_8).equals("unfinished");
    if (!unfinished && !isOf(plan.backup().systemIdentifier(), control)) {
      throw Problem.refused(
              "what is in \"%s\" of %s is no copy of \"%s\""
                  .formatted(data, node, plan.backup().cluster()))
          .hint("Use -p existing=aside to move it out of the way; nothing is deleted.")
          .state("nothing was changed");
    }
  }

  private static boolean isOf(String system, byte[] control) {
    try {
      return Long.toUnsignedString(ControlFile.read(control).systemIdentifier()).equals(system);
    } catch (Problem e) {
      return false;
    }
  }

  /** A restore on the same host must not take the tablespaces of the server it is of (P12). */
  private static void requireNoLiveTablespace(Node node, RestorePlan plan) {
    List<String> live = node.getSsh().run(Command.probeScript(LIVE_TABLESPACES)).lines();
    plan.tablespaces().values().stream()
        .filter(live::contains)
        .findFirst()
        .ifPresent(
            location -> {
              throw Problem.refused(
                      "\"%s\" of %s is a tablespace of a running server".formatted(location, node))
                  .hint("Let it go elsewhere: -p tablespaces=" + location + "=/new/location.")
                  .state("nothing was changed");
            });
  }
}
