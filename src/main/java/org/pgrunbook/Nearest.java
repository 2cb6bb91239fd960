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

  /**
   * How many letters were left out, added, replaced or swapped with their neighbour, ignoring case.
   */
  private static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[][] steps = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          steps[i][j] = i + j;
          continue;
        }
        int replaced = steps[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        steps[i][j] = Math.min(replaced, Math.min(steps[i - 1][j], steps[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          steps[i][j] = Math.min(steps[i][j], steps[i - 2][j - 2] + 1);
        }
      }
    }
    return steps[a.length()][b.length()];
  }
}
