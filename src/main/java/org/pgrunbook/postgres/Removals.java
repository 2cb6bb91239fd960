package org.pgrunbook.postgres;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.pgrunbook.postgres.Removal.Rows;

/**
 * Adds up what each transaction takes away until it ends. In memory is a count for each table that
 * a transaction in progress has touched.
 */
final class Removals {
  /** Below it the system's own relations have their files. */
  private static final long FIRST_OF_USERS = 16384;

  private final Consumer<? super Removal> listener;
  private final Map<Long, Map<RelationFile, Rows>> open = new HashMap<>();

  Removals(Consumer<? super Removal> listener) {
    this.listener = listener;
  }

  void deleted(long xid, RelationFile.Block block) {
    count(xid, block, 1, 0);
  }

  void updated(long xid, RelationFile.Block block) {
    count(xid, block, 0, 1);
  }

  private void count(long xid, RelationFile.Block block, long deleted, long updated) {
    if (block.relation() < FIRST_OF_USERS) {
      return;
    }
    RelationFile table = new RelationFile(block.database(), block.relation(), 0, 0);
    open.computeIfAbsent(xid, _ -> new HashMap<>())
        .merge(table, new Rows(table, deleted, updated), Removals::sum);
  }

  private static Rows sum(Rows one, Rows other) {
    return new Rows(one.table(), one.deleted() + other.deleted(), one.updated() + other.updated());
  }

  /** What was rolled back has taken nothing away, nor has what did nothing of the kind. */
  void ended(TransactionRecord transaction, Lsn end) {
    Map<RelationFile, Rows> all = new HashMap<>();
    addTo(all, transaction.xid());
    transaction.children().forEach(child -> addTo(all, child));
    List<RelationFile> files =
        transaction.files().stream().filter(file -> file.relation() >= FIRST_OF_USERS).toList();
    if (transaction.committed() && !(all.isEmpty() && files.isEmpty())) {
      listener.accept(
          new Removal(
              transaction.xid(), transaction.time(), end, List.copyOf(all.values()), files));
    }
  }

  private void addTo(Map<RelationFile, Rows> all, long xid) {
    Optional.ofNullable(open.remove(xid))
        .ifPresent(rows -> rows.forEach((table, row) -> all.merge(table, row, Removals::sum)));
  }
}
