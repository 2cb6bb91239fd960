package org.pgrunbook.runbook;

import java.util.List;

/**
 * What a runbook goes through, read from its source without executing it.
 *
 * @param items in the order of the source
 */
public record Outline(List<Item> items) {

  /** What an item of the outline is. */
  public enum Kind {
    STEP,
    CONFIRM,
    POINT_OF_NO_RETURN,
    UNDO,
    ALWAYS
  }

  /**
   * One line of the outline.
   *
   * @param kind what it is
   * @param text its name or question; a part known only at run time is shown as {@code …}
   * @param depth how many steps it is inside of
   * @param span where it is
   * @param changes the verbs in it that change something
   */
  public record Item(Kind kind, String text, int depth, Span span, List<String> changes) {
    Item with(List<String> verbs) {
      return new Item(kind, text, depth, span, List.copyOf(verbs));
    }
  }

  /** From the first to the last character of an expression, lines and columns from 1. */
  public record Span(int line, int column, int lastLine, int lastColumn) {
    /** Whether another span lies inside of this one. */
    boolean holds(Span other) {
      boolean after = other.line > line || (other.line == line && other.column >= column);
      boolean before =
          other.lastLine < lastLine
              || (other.lastLine == lastLine && other.lastColumn <= lastColumn);
      return after && before;
    }
  }
}
