package org.pgrunbook.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What is shown of a long list: its beginning and its end, and from between what stands out.
 *
 * @param shown in their order
 * @param left how many are not shown
 */
record Fold<T>(List<T> shown, int left) {

  /** All of them, if they are few. */
  static <T> Fold<T> of(List<T> all, int limit) {
    return of(all, limit, one -> false);
  }

  /**
   * At most so many, and of those which stand out between them as many again.
   *
   * @param standsOut what should not be left out
   */
  static <T> Fold<T> of(List<T> all, int limit, Predicate<T> standsOut) {
    if (all.size() <= limit) {
      return new Fold<>(all, 0);
    }
    int head = limit * 2 / 3;
    int tail = all.size() - (limit - head);
    List<T> shown = new ArrayList<>(all.subList(0, head));
    all.subList(head, tail).stream().filter(standsOut).limit(limit).forEach(shown::add);
    shown.addAll(all.subList(tail, all.size()));
    return new Fold<>(List.copyOf(shown), all.size() - shown.size());
  }
}
