package org.pgrunbook.backup;

import java.util.List;
import org.pgrunbook.DataSize;

/**
 * What backups that were interrupted have left, and what the next one may take over.
 *
 * @param backups their ids, the newest first
 * @param archives how many of their archives are whole in the repository
 * @param stored what these come to there
 */
public record Interrupted(List<String> backups, int archives, DataSize stored) {

  static Interrupted of(Repository repository) {
    List<Leftover> left = Leftover.list(repository);
    return new Interrupted(
        left.stream().map(Leftover::backup).distinct().toList(),
        left.size(),
        new DataSize(left.stream().mapToLong(it -> it.object().size()).sum()));
  }
}
