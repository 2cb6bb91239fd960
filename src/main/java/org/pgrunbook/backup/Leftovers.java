package org.pgrunbook.backup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.pgrunbook.DataSize;
import org.pgrunbook.store.Store;

/** What lies in a repository and belongs to no backup. */
final class Leftovers {
  private Leftovers() {}

  /**
   * What lies in folders of the repository under the ids of backups that have no manifest: they
   * were never finished, are being taken now, or were deleted in part.
   */
  static List<ExpiryPlan.Unfinished> of(Repository repository, String... folders) {
    Map<String, List<Store.Listed>> found = new TreeMap<>();
    for (String folder : folders) {
      String prefix = repository.key(folder);
      repository
          .store()
          .list(prefix)
          .forEach(
              object ->
                  found
                      .computeIfAbsent(
                          object.key().substring(prefix.length()).replaceFirst("/.*", ""),
                          id -> new ArrayList<>())
                      .add(object));
    }
    found.keySet().removeAll(Set.copyOf(repository.ids()));
    return found.entrySet().stream()
        .map(
            it ->
                new ExpiryPlan.Unfinished(
                    it.getKey(),
                    it.getValue().size(),
                    new DataSize(it.getValue().stream().mapToLong(Store.Listed::size).sum()),
                    it.getValue().stream()
                        .map(Store.Listed::modified)
                        .max(Comparator.naturalOrder())
                        .orElseThrow()))
        .toList();
  }
}
