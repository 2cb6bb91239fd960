package org.pgrunbook.backup;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.RelationFile;
import org.pgrunbook.postgres.WalReader;
import org.pgrunbook.postgres.WalSegment;

/** The pages that the WAL of a backup writes anew as a whole, whatever the files have (P11). */
final class RewrittenPages {
  private RewrittenPages() {}

  /** Those of the pages under suspicion that no WAL of the backup mends. */
  static List<Manifest.Page> damaged(Repository repository, Manifest backup) {
    if (backup.damagedPages().isEmpty()) {
      return List.of();
    }
    Set<RelationFile.Block> mended = of(repository, BackupSummary.of(backup));
    return backup.damagedPages().stream()
        .filter(
            page ->
                !mended.contains(RelationFile.of(page.file()).orElseThrow().block(page.number())))
        .toList();
  }

  /** WAL that is missing or damaged mends nothing; that is found and told by itself. */
  static Set<RelationFile.Block> of(Repository repository, BackupSummary backup) {
    Set<RelationFile.Block> blocks = new HashSet<>();
    WalReader reader = WalReader.ofRewrittenBlocks(blocks::add);
    List<WalSegment> wal = backup.wal();
    if (repository.wal().missing(wal).isEmpty()) {
      try {
        wal.forEach(segment -> repository.wal().read(segment, reader));
      } catch (Problem e) {
        if (e.exit() != Exit.FAILED) {
          throw e;
        }
        repository.cluster().run().journal().warn(e.fact());
      }
    }
    return blocks;
  }
}
