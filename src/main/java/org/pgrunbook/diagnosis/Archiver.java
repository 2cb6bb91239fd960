package org.pgrunbook.diagnosis;

import java.time.Instant;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * How a server archives its WAL.
 *
 * @param node the server
 * @param mode {@code archive_mode}
 * @param last the file that was archived last
 * @param archived when that was
 * @param failing the file whose archiving failed since; null if none
 */
public record Archiver(Node node, String mode, String last, Instant archived, String failing) {

  static Archiver of(Node node) {
    Row row = node.getSql().row(Question.ARCHIVER.text());
    return new Archiver(
        node, row.text("mode"), row.text("last"), row.instant("archived"), row.text("failing"));
  }

  boolean isFailing() {
    return failing != null;
  }

  String worry() {
    return node + " fails to archive \"" + failing + "\": pg_wal grows until the disk is full";
  }
}
