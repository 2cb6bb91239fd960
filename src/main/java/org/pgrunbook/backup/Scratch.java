package org.pgrunbook.backup;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.SqlSettings;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Doubt.Settlement;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.PostgresConf;
import org.pgrunbook.postgres.Postmaster;
import org.pgrunbook.ssh.Command;

/**
 * A folder on a host in which a backup is rehearsed, with all that belongs to it: data, WAL,
 * tablespaces and the server's log. It is empty or not there before, and gone afterwards.
 *
 * @param host the node on whose host it is
 * @param folder its path
 * @param port where the copy's server listens, on the host's loopback
 * @param run the run that rehearses there: nobody else clears it
 */
public record Scratch(Node host, String folder, int port, String run) {
  private static final String MARK = "/REHEARSAL";

  /** Where ports are looked for: below those that the kernel takes for outgoing connections. */
  private static final int FIRST_PORT = 15_000;

  private static final int LAST_PORT = 19_999;

  /** Of 107 bytes that a socket's path may have, what its own name leaves. */
  private static final int LONGEST_FOLDER = 107 - "/.s.PGSQL.19999".length();

  private static final Duration STOP = Duration.ofMinutes(1);
  private static final Duration CLEARING = Duration.ofHours(1);

  /** Why the folder cannot be taken, in the first line; nothing if it can. */
  private static final String OBSTACLE =
      """
      if [ -e "$1" ] && { [ ! -d "$1" ] || [ -n "$(ls -A -- "$1")" ]; }; then
          echo occupied
          sed -n 's/^run //p' "$1/REHEARSAL" 2>/dev/null
          exit 0
      fi
      above=$1
      while [ "$above" != / ]; do
          for entry in "$above/PG_VERSION" "$above"/PG_[0-9]*_[0-9]*; do
              [ ! -e "$entry" ] || { echo "$above"; exit 0; }
          done
          above=$(dirname "$above")
      done
      """;

  /** The first of the ports on which nobody listens. */
  private static final String FREE_PORT =
      """
      for port; do
          listening="^ *[0-9]+: [0-9A-F]+:$(printf '%04X' "$port") [0-9A-F]+:[0-9A-F]+ 0A "
          cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -qE "$listening" || { echo "$port"; exit 0; }
      done
      """;

  /** Of two who come at once one gets it. */
  private static final String CLAIM =
      """
      made=no
      [ -d "$1" ] || { mkdir -m 0700 -- "$1" && made=yes; } || exit
      set -C
      printf 'run %s\\nmade %s\\n' "$2" "$made" > "$1/REHEARSAL"
      """;

  /** The mark goes last, so that what was cut short can be done again. */
  private static final String CLEAR =
      """
      grep -qxF "run $2" "$1/REHEARSAL" 2>/dev/null || exit 0
      made=$(sed -n 's/^made //p' "$1/REHEARSAL")
      find "$1" -xdev -mindepth 1 ! -path "$1/REHEARSAL" -delete && rm -f -- "$1/REHEARSAL" || exit
      [ "$made" = no ] || rmdir -- "$1"
      """;

  private static final String PUT_ASIDE =
      """
      cd "$1" && shift || exit
      for file; do
          [ -e "$file.restored" ] || [ ! -e "$file" ] || mv -- "$file" "$file.restored" || exit
      done
      """;

  /**
   * Looks for a place; takes nothing yet.
   *
   * @param folder null: beside the data directory of the node
   * @throws Problem with exit 3 if a backup must not be rehearsed there
   */
  static Scratch on(Node host, RestorePlan plan, String folder) {
    String path = folder == null ? beside(host) : folder.replaceFirst("/+$", "");
    if (!path.startsWith("/")) {
      throw Problem.usage("folder \"" + folder + "\" is no absolute path on " + host)
          .hint("Name a folder that is empty or not there yet; not the root.");
    }
    requireNoObstacle(host, path);
    requireRoomForSocket(host, path);
    Scratch scratch = new Scratch(host, path, freePort(host), host.run().id());
    Ground.of(scratch.server(), scratch.plan(plan), Existing.REFUSE);
    return scratch;
  }

  private static String beside(Node host) {
    return host.spec()
            .data()
            .orElseThrow(
                () ->
                    Problem.usage("nothing says where on " + host + " to rehearse")
                        .hint("Name a folder on its host: -p folder=/scratch/rehearsal.")
                        .hint("Or name its data directory with the node's key data."))
            .replaceFirst("/+$", "")
        + ".rehearsal";
  }

  private static void requireNoObstacle(Node host, String path) {
    List<String> found = host.getSsh().run(Command.probeScript(OBSTACLE, path)).lines();
    if (found.isEmpty()) {
      return;
    }
    if (!found.getFirst().equals("occupied")) {
      throw Problem.refused(
              "\"%s\" of %s is inside of \"%s\", which belongs to a database"
                  .formatted(path, host, found.getFirst()))
          .hint("Name another folder: -p folder=/scratch/rehearsal.")
          .state("nothing was changed");
    }
    Problem problem =
        Problem.refused("\"%s\" of %s is not empty".formatted(path, host))
            .state("nothing was changed");
    throw found.size() == 1
        ? problem.hint("Name another folder: -p folder=/scratch/rehearsal.")
        : problem
            .hint("Run %s rehearses there, or has left it.".formatted(found.get(1)))
            .hint("If that run was killed: pgrunbook undo %s.".formatted(found.get(1)));
  }

  /** Paths of sockets are short on every system. */
  private static void requireRoomForSocket(Node host, String path) {
    if (host.spec().sql().password().isEmpty() && path.length() > LONGEST_FOLDER) {
      throw Problem.refused(
              "without a password the copy is reached by a socket, and no socket can be in \"%s\": its path is too long"
                  .formatted(path))
          .hint(
              "Name a folder of at most %d letters: -p folder=/scratch/rehearsal."
                  .formatted(LONGEST_FOLDER))
          .hint("Or point to a password in the inventory (sql: password:).")
          .state("nothing was changed");
    }
  }

  private static int freePort(Node host) {
    String[] candidates =
        IntStream.generate(() -> ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT + 1))
            .limit(16)
            .mapToObj(String::valueOf)
            .toArray(String[]::new);
    return Integer.parseInt(
        host.getSsh().run(Command.probeScript(FREE_PORT, candidates)).text().strip());
  }

  /** The copy's server. */
  public Node server() {
    return host.beside("rehearsal", folder + "/data", port, folder);
  }

  /** The plan with everything inside of the folder, tablespaces too (P12). */
  public RestorePlan plan(RestorePlan plan) {
    return plan.withTablespacesBelow(folder + "/tablespaces");
  }

  /**
   * Takes the folder, and makes it if it is not there.
   *
   * @throws Problem with exit 1 if somebody else was faster
   */
  @Changes
  public void claim() {
    Doubt.settledBy(
        () -> isClaimed() ? Settlement.DONE : Settlement.NOT_DONE,
        () -> host.getSsh().run(Command.changeScript(CLAIM, folder, run)));
  }

  private boolean isClaimed() {
    Command look = Command.probe("test", "-e", folder + MARK).accept(0, 1);
    return host.getSsh().run(look).exit() == 0;
  }

  /**
   * Gives the copy a configuration of its own: it listens on loopback, lets in the user of the
   * inventory alone, loads no library that would begin to work by itself, and reads no file of the
   * server that it is of (P48, P53). Without a password in the inventory it listens on nothing but
   * a socket that is open to the user alone who owns the files. What the backup has is kept beside
   * as {@code *.restored}.
   *
   * @param libraries {@code shared_preload_libraries}; null: none
   * @param memory {@code shared_buffers}
   */
  @Changes
  public void isolate(String libraries, DataSize memory) {
    Doubt.repeatable(
        () -> {
          String data = server().getPostmaster().getData();
          putAside(data, "postgresql.conf", "postgresql.auto.conf", "pg_hba.conf");
          write(data + "/postgresql.conf", configuration(libraries, memory));
          write(data + "/pg_hba.conf", admitted());
          return null;
        });
  }

  private void putAside(String data, String... files) {
    List<String> arguments = new ArrayList<>(List.of(data));
    arguments.addAll(List.of(files));
    host.getSsh().run(Command.changeScript(PUT_ASIDE, arguments.toArray(String[]::new)));
  }

  private void write(String file, String content) {
    host.getSsh().write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  private String configuration(String libraries, DataSize memory) {
    Map<String, String> settings = new LinkedHashMap<>();
    boolean socket = server().spec().sql().isSocket();
    settings.put("listen_addresses", socket ? "" : "127.0.0.1");
    settings.put("unix_socket_directories", socket ? folder : "");
    settings.put("unix_socket_permissions", "0700");
    settings.put("shared_preload_libraries", libraries == null ? "" : libraries);
    settings.put("shared_buffers", memory.bytes() / 1024 + "kB");
    // In the data directory, so that it goes with it.
    settings.put("dynamic_shared_memory_type", "mmap");
    settings.put("autovacuum", "off");
    settings.put("cluster_name", "rehearsal");
    return settings.entrySet().stream()
        .map(it -> PostgresConf.line(it.getKey(), it.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  /**
   * {@code md5} takes passwords of either kind, as the backup has them. Who can open the socket
   * owns the copy's files, and needs no password for what is in them.
   */
  private String admitted() {
    SqlSettings sql = server().spec().sql();
    String form =
        sql.isSocket() ? "local all \"%s\" trust\n" : "host all \"%s\" 127.0.0.1/32 md5\n";
    return form.formatted(sql.user());
  }

  /** Stops the copy's server if it runs, and removes all that is there. */
  @Changes
  public void clear() {
    Doubt.repeatable(
        () -> {
          if (server().getPostmaster().isRunning()) {
            server().getPostmaster().stop(Postmaster.Stop.IMMEDIATE, STOP);
          }
          host.getSsh().run(Command.changeScript(CLEAR, folder, run).timeout(CLEARING));
          return null;
        });
  }
}
