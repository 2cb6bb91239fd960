package org.pgrunbook;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what a mistyped word probably meant, for "did you mean". */
public final class Nearest {
  private Nearest() {}

  /** The candidate nearest to the word, if any is near enough to be a slip of the fingers. */
  public static Optional<String> to(String word, Collection<String> candidates) {
    int limit = Math.max(1, word.length() / 3);
    return candidates.stream()
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
        .filter(candidate -> distance(word, candidate) <= limit);
  }

  /** The hint {@code Did you mean "orders"?}, else {@code Known are: …}, else nothing. */
  public static String hint(String word, Collection<String> candidates) {
    return to(word, candidates)
        .map(near -> "Did you mean \"" + near + "\"?")
        .orElseGet(
            () ->
                candidates.isEmpty()
                    ? "None is known."
                    : "Known are: " + String.join(", ", candidates) + ".");
  }

  /** Levenshtein's distance, ignoring case, over two rows. */
  private static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
