package org.pgrunbook.backup;

import java.time.Duration;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.WalSegment;

/** The verbs by which archiving is set up and proved. */
public final class ArchiveVerbs {
  private ArchiveVerbs() {}

  /**
   * Compares how a server archives with how it is to: into the cluster's spool on its host.
   *
   * @param timeout the archive_timeout; null: 5 minutes unless there is one already
   * @throws Problem with exit 3 if that cannot be changed from here
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-ARCHIVING">Archiving</a>
   */
  public static ArchiveSetup planArchiving(Node node, Repository repository, Duration timeout) {
    return ArchiveReading.of(node, new WalShipping(node, repository, 1).spool(), timeout);
  }

  /**
   * Closes the open WAL segment; on an idle server a restore point is written first, for a segment
   * without WAL is not closed (P19).
   *
   * @return its name and its SHA-256
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP">pg_switch_wal</a>
   */
  @Changes
  public static ClosedSegment closeSegment(Node node) {
    WalSegment closed = Doubt.repeatable(() -> WalShipping.closeSegment(node));
    String file = node.getPostmaster().getData() + "/pg_wal/" + closed.name();
    return node.run()
        .means()
        .outcome(
            closed.name() + " is in pg_wal",
            new ClosedSegment(closed.name(), ""),
            () ->
                new ClosedSegment(
                    closed.name(), node.getSsh().read("sha256sum", file).text().substring(0, 64)));
  }

  /**
   * Waits until the server has left a segment in the spool, or somebody has shipped it from there.
   *
   * @throws Problem with exit 1 if it does not within the limit, saying what the archiver says
   */
  public static void awaitArchived(
      Node node, Repository repository, ClosedSegment closed, Duration limit) {
    node.run()
        .means()
        .outcome(
            "the server has archived " + closed.wal(),
            () -> new WalShipping(node, repository, 1).awaitSpooled(closed.wal(), limit));
  }

  /**
   * Reads a segment back from the repository.
   *
   * @throws Problem with exit 1 unless it is what was in pg_wal
   */
  public static void requireStored(Repository repository, ClosedSegment closed) {
    repository
        .cluster()
        .run()
        .means()
        .outcome(
            closed.wal() + " is in the repository as it was in pg_wal",
            () -> {
              if (!repository.wal().sha256(closed.wal()).equals(closed.sha256())) {
                throw Problem.failed(
                        "WAL segment \"%s\" in the repository is not what was in pg_wal"
                            .formatted(closed.wal()))
                    .hint("Find out which other server archives into this repository.");
              }
            });
  }
}
