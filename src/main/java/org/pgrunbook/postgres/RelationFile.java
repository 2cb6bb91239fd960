package org.pgrunbook.postgres;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of a table or an index, as its path in the data directory or in a tablespace tells.
 *
 * @param database the database's OID; 0 for what all databases share
 * @param relation its file number
 * @param fork 0 the pages themselves, 1 the free space map, 2 the visibility map, 3 what an
 *     unlogged relation begins with anew
 * @param segment which of its files, from 0
 * @see <a href="https://www.postgresql.org/docs/current/storage-file-layout.html">Database file
 *     layout</a>
 */
public record RelationFile(long database, long relation, int fork, long segment) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:global|(?:base|PG_\\d+_\\d+)/(?<database>\\d+))/"
              + "(?<relation>\\d+)(?:_(?<fork>fsm|vm|init))?(?:\\.(?<segment>\\d+))?");

  private static final List<String> FORKS = List.of("main", "fsm", "vm", "init");

  /** The file of a path; temporary relations, and what is no relation, are none. */
  public static Optional<RelationFile> of(String path) {
    Matcher form = FORM.matcher(path);
    if (!form.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new RelationFile(
            number(form.group("database")),
            number(form.group("relation")),
            Math.max(0, FORKS.indexOf(form.group("fork") == null ? "main" : form.group("fork"))),
            number(form.group("segment"))));
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  /**
   * A page of a relation, as WAL records name it; the tablespace is left out.
   *
   * @param database the database's OID; 0 for what all databases share
   * @param relation its file number
   * @param fork as in {@link RelationFile}
   * @param number within the fork
   */
  public record Block(long database, long relation, int fork, long number) {}

  /** One of its pages, by its number within the fork. */
  public Block block(long number) {
    return new Block(database, relation, fork, number);
  }
}
