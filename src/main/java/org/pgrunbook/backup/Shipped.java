package org.pgrunbook.backup;

import java.util.List;

/**
 * What was brought from a spool into the repository.
 *
 * @param files how many
 * @param first the name of the first; empty if there was none
 * @param last the name of the last
 */
public record Shipped(int files, String first, String last) {
  static Shipped of(List<String> names) {
    return names.isEmpty()
        ? new Shipped(0, "", "")
        : new Shipped(names.size(), names.getFirst(), names.getLast());
  }
}
