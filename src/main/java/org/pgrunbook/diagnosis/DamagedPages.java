package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.RelationFile;

/**
 * Pages that are not what the server wrote, by their checksums.
 *
 * @param node the server
 * @param failures what it counted when it met them, by database
 * @param read how many pages were read from its disk to look for them; 0: nobody has looked
 * @param pages those that were found on its disk
 * @see <a href="https://www.postgresql.org/docs/current/checksums.html">Data checksums</a>
 */
public record DamagedPages(Node node, List<Failures> failures, long read, List<Page> pages) {
  static final String INCIDENT = "checksum-failure";

  private static final Duration RECENT = Duration.ofDays(1);

  /** To build an index anew takes its time. */
  private static final Duration LIMIT = Duration.ofHours(12);

  private static final Pattern NAMED =
      Pattern.compile("of relation \"?((?:base|global|pg_tblspc)/[0-9A-Za-z_./]+)");

  /**
   * What a server counted in a database; its statistics may have been reset since.
   *
   * @param database its name; null: the catalogs that all databases share
   * @param failures how many pages did not match their checksum
   * @param last when it was the last time
   */
  public record Failures(String database, long failures, Instant last) {}

  /**
   * A damaged page.
   *
   * @param database its database
   * @param relation whose it is, with its schema; null if no relation has that file now
   * @param index whether it is one of an index, which can be built anew
   * @param file its file, relative to the data directory
   * @param block its number, over all files of the relation
   */
  public record Page(String database, String relation, boolean index, String file, long block) {}

  static DamagedPages of(Server server) {
    return new DamagedPages(server.node(), failures(server), 0, List.of());
  }

  private static List<Failures> failures(Server server) {
    return server.rows(Question.CHECKSUM_FAILURES).stream()
        .map(row -> new Failures(row.text("database"), row.number("failures"), row.instant("last")))
        .toList();
  }

  /** The files of the relations that the server's log names because of a page. */
  static List<String> namedInLog(Node node) {
    return ServerLog.of(node, "invalid page in block|page verification failed", 10_000)
        .lines()
        .stream()
        .map(NAMED::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1).replaceFirst("(_fsm|_vm)?[.,;]*$", ""))
        .distinct()
        .toList();
  }

  /** The files of one relation, or of all, of a database. */
  static List<String> files(Server server, String database, String relation) {
    List<String> paths =
        server
            .node()
            .getSql()
            .database(database)
            .rows(Question.RELATION_PATHS.text(), relation, relation)
            .stream()
            .map(row -> row.text("path"))
            .toList();
    if (paths.isEmpty()) {
      throw Problem.usage("there is no \"" + relation + "\" in database " + database)
          .hint("Write it with its schema, such as public.orders.");
    }
    return paths;
  }

  static DamagedPages read(Server server, Collection<String> files) {
    PageReader reader = new PageReader(server);
    List<PageReader.At> damaged = files.isEmpty() ? List.of() : reader.damaged(files);
    Relations relations =
        Relations.of(server, damaged.stream().map(DamagedPages::relationOnly).distinct().toList());
    return new DamagedPages(
        server.node(),
        failures(server),
        reader.read(),
        damaged.stream()
            .map(
                at -> {
                  var relation = relations.of(relationOnly(at));
                  return new Page(
                      relation.database(),
                      relation.name(),
                      relation.isIndex(),
                      at.file(),
                      at.block());
                })
            .toList());
  }

  private static RelationFile relationOnly(PageReader.At at) {
    return new RelationFile(at.relation().database(), at.relation().relation(), 0, 0);
  }

  /** Those of the pages that are damaged on another node too. */
  List<Page> alsoOn(Node other) {
    PageReader reader = new PageReader(Server.of(other));
    List<String> there =
        reader.damaged(pages.stream().map(Page::file).distinct().toList()).stream()
            .map(at -> at.file() + " " + at.block())
            .toList();
    return pages.stream().filter(page -> there.contains(page.file() + " " + page.block())).toList();
  }

  /** The relations whose pages are damaged, once each. */
  public List<String> relations() {
    return pages.stream().map(DamagedPages::name).distinct().toList();
  }

  /** Whether all that is damaged is an index, which can be built anew from its table. */
  public boolean isOnlyIndexes() {
    return !pages.isEmpty() && pages.stream().allMatch(Page::index);
  }

  /** The first damaged page of the relation of that name; null if it has none. */
  public Page named(String relation) {
    return pages.stream().filter(page -> relation.equals(page.relation())).findFirst().orElse(null);
  }

  private static String name(Page page) {
    return page.relation() == null ? page.file() : page.relation();
  }

  /** Builds an index anew from its table, without blocking writes. */
  static void rebuild(Node node, Page page) {
    if (!page.index()) {
      throw Problem.refused(name(page) + " is no index: it cannot be built anew from anything");
    }
    Doubt.repeatable(
        () ->
            node.getSql()
                .database(page.database())
                .timeout(LIMIT)
                .execute("reindex index concurrently " + page.relation()));
  }

  /** What was found out. */
  public Finding finding() {
    if (!pages.isEmpty()) {
      return Finding.of(
          Verdict.CRIT,
          INCIDENT,
          node,
          "%s damaged on the disk, of %s"
              .formatted(
                  pages.size() == 1 ? "1 page is" : pages.size() + " pages are",
                  String.join(", ", relations())));
    }
    if (failures.isEmpty()) {
      return Finding.ok(INCIDENT, node, "the server has met no damaged page");
    }
    Failures newest = failures.getFirst();
    Duration ago = Duration.between(newest.last(), node.run().time().now());
    return Finding.of(
        ago.compareTo(RECENT) <= 0 ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "the server met a damaged page %d times in database %s, the last time %s ago%s"
            .formatted(
                newest.failures(),
                newest.database(),
                Durations.show(ago),
                read == 0 ? "" : "; none is left of the " + read + " pages that were read"));
  }
}
