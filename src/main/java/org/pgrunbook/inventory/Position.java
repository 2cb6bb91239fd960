package org.pgrunbook.inventory;

import java.nio.file.Path;
import java.util.Comparator;
import org.yaml.snakeyaml.error.Mark;

/**
 * A place in a file of the inventory.
 *
 * @param file the file, as it was named to us
 * @param line counts from 1
 * @param column counts from 1
 * @param offset code points before it, for edits that leave everything else alone
 */
public record Position(Path file, int line, int column, int offset)
    implements Comparable<Position> {
  private static final Comparator<Position> ORDER =
      Comparator.comparing(Position::file).thenComparingInt(Position::offset);

  static Position of(Path file, Mark mark) {
    return new Position(file, mark.getLine() + 1, mark.getColumn() + 1, mark.getIndex());
  }

  /** Where a file begins, for what is said of the whole of it. */
  static Position start(Path file) {
    return new Position(file, 1, 1, 0);
  }

  /** {@code file:line}, enough to find a value again. */
  public String fileAndLine() {
    return file + ":" + line;
  }

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }

  /** {@code file:line:column}, as every error shows it. */
  @Override
  public String toString() {
    return fileAndLine() + ":" + column;
  }
}
