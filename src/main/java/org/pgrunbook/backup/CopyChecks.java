package org.pgrunbook.backup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.SecretReference;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Means;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.ssh.Output;

/**
 * What a copy is asked before it is believed: pages, tables and indexes, a question of the user's.
 */
final class CopyChecks {
  private static final Lsn NEVER = new Lsn(-1);

  /** The password goes by stdin: arguments of a command are everybody's to read. */
  private static final String AMCHECK =
      """
      IFS= read -r PGPASSWORD
      [ -z "$PGPASSWORD" ] || export PGPASSWORD
      export LC_ALL=C
      exec "$1" --host="$2" --port="$3" --username="$4" --jobs="$5" \\
          --all --install-missing --parent-check --heapallindexed --no-password
      """;

  /** Only what holds pages, unpacked at once by whoever reads it. */
  private static final String PACK =
      """
      cd "$1" && exec tar --create --format=gnu --use-compress-program="$2" --blocking-factor=256 \\
          --file=- -- $3
      """;

  private static final Pattern BLOCKS = Pattern.compile("Blocks scanned: *(\\d+)");

  private final Node server;
  private final Means means;

  CopyChecks(Node server) {
    this.server = server;
    this.means = server.run().means();
  }

  /** The answer to a query of the user's, one value. */
  Rehearsal.Check answer(String query, String expect, String database, Duration limit) {
    var sql = server.getSql().timeout(limit);
    var asked = database == null ? sql : sql.database(database);
    String answer =
        means.outcome(
            "it answers: " + query, expect, () -> String.valueOf(asked.value(String.class, query)));
    if (expect != null && !expect.equals(answer)) {
      throw Problem.failed("the copy answers \"%s\", not \"%s\"".formatted(answer, expect))
          .hint("Look at what it was asked: " + query);
    }
    return Rehearsal.Check.passed("query", "it answers " + answer);
  }

  /**
   * Lets pg_amcheck look at every table and index of every database.
   *
   * @see <a href="https://www.postgresql.org/docs/current/app-pgamcheck.html">pg_amcheck</a>
   */
  Rehearsal.Check amcheck(int processes, Duration limit) {
    Optional<String> program = program("pg_amcheck");
    if (program.isEmpty()) {
      return Rehearsal.Check.skipped("amcheck", "there is no pg_amcheck on the host");
    }
    boolean extension =
        means.outcome(
            "it has the extension amcheck",
            true,
            () ->
                server
                    .getSql()
                    .value(
                        Boolean.class,
                        "select exists (select from pg_available_extensions where name ="
                            + " 'amcheck')"));
    if (!extension) {
      return Rehearsal.Check.skipped("amcheck", "there is no extension amcheck on the host");
    }
    Command check =
        Command.changeScript(
            AMCHECK,
            program.get(),
            server.spec().sql().host(),
            String.valueOf(server.spec().sql().port()),
            server.spec().sql().user(),
            String.valueOf(processes));
    Output said =
        Doubt.repeatable(
            () -> server.getSsh().run(withPassword(check).accept(0, 2).timeout(limit)));
    if (said.exit() != 0) {
      throw Problem.failed("pg_amcheck found damage: " + firstLines(said))
          .hint("Rehearse an older backup, to learn since when: -p backup=ID.")
          .hint("The primary may be damaged as well: let pg_amcheck look at it.");
    }
    return Rehearsal.Check.passed("amcheck", "every table and index is sound");
  }

  private Command withPassword(Command command) {
    return server
        .spec()
        .sql()
        .password()
        .map((SecretReference secret) -> secret.resolve(server.run().secrets()))
        .map(command::secretStdin)
        .orElse(command);
  }

  /**
   * The checksum of every page on the disk, of a server that was stopped cleanly: by pg_checksums
   * where the host has it, else all pages are read from here.
   *
   * @see <a href="https://www.postgresql.org/docs/current/app-pgchecksums.html">pg_checksums</a>
   */
  Rehearsal.Check pages(RestorePlan plan, Duration limit) {
    if (!plan.backup().checksums()) {
      return Rehearsal.Check.skipped("pages", "the cluster has no page checksums");
    }
    return means.outcome(
        "every page has its checksum",
        Rehearsal.Check.skipped("pages", "a dry run"),
        () ->
            program("pg_checksums")
                .map(program -> pagesBy(program, limit))
                .orElseGet(() -> pagesRead(plan, limit)));
  }

  private Rehearsal.Check pagesBy(String program, Duration limit) {
    Output said =
        server
            .getSsh()
            .run(
                Command.probe(
                        "env",
                        "LC_ALL=C",
                        program,
                        "--check",
                        "--pgdata=" + server.getPostmaster().getData())
                    .accept(0, 1)
                    .timeout(limit));
    Matcher blocks = BLOCKS.matcher(said.text());
    if (said.exit() != 0 || !blocks.find()) {
      throw wrongPages(firstLines(said));
    }
    return Rehearsal.Check.passed("pages", blocks.group(1) + " pages, by pg_checksums");
  }

  private Rehearsal.Check pagesRead(RestorePlan plan, Duration limit) {
    ControlFile.Initial sizes = server.getPostmaster().controlFile().initial();
    // After a clean shutdown every page has to be right, whenever it was written.
    ArchiveCheck check = new ArchiveCheck(plan.backup().compression(), PageCheck.of(NEVER, sizes));
    ArchiveCheck.Tally tally = new ArchiveCheck.Tally();
    read(server.getPostmaster().getData(), "base global", plan, check, tally, limit);
    plan.tablespaces().values().forEach(folder -> read(folder, "PG_*", plan, check, tally, limit));
    if (!tally.suspects.isEmpty()) {
      throw wrongPages(
          tally.suspects.stream()
              .limit(3)
              .map(it -> "page %d of \"%s\"".formatted(it.block().number(), it.file()))
              .collect(Collectors.joining(", ")));
    }
    return Rehearsal.Check.passed("pages", tally.pages + " pages, read from here");
  }

  private void read(
      String folder,
      String parts,
      RestorePlan plan,
      ArchiveCheck check,
      ArchiveCheck.Tally tally,
      Duration limit) {
    Compression compression = plan.backup().compression();
    Command pack = Command.probeScript(PACK, folder, compression.pack(1), parts).timeout(limit);
    server.getSsh().stream(
        pack,
        remote -> {
          TarReader tar = new TarReader(Unpacking.of(compression, remote.stdout()));
          byte[] buffer = new byte[ArchiveCheck.BUFFER];
          for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            if (entry.get().kind().equals("f")) {
              check.read(entry.get().path(), tar, buffer, tally);
            }
          }
          return null;
        });
  }

  private static Problem wrongPages(String where) {
    return Problem.failed("the copy has pages with a wrong checksum: " + where)
        .hint("Rehearse an older backup, to learn since when: -p backup=ID.")
        .hint("The primary may be damaged as well: backup/verify and its log tell more.");
  }

  /** A tool that not every host has, beside the server that was started. */
  private Optional<String> program(String name) {
    String path = server.getPostmaster().program("postgres").replaceFirst("[^/]+$", name);
    return server.getSsh().has(path) ? Optional.of(path) : Optional.empty();
  }

  private static String firstLines(Output said) {
    List<String> lines = new ArrayList<>(said.lines());
    said.stderr().lines().forEach(lines::add);
    return lines.stream().limit(3).collect(Collectors.joining("; "));
  }
}
