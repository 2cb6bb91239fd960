package org.pgrunbook.cli;

/** Colours, or none. */
record Style(boolean colours) {
  String bold(String text) {
    return wrap("1", text);
  }

  String faint(String text) {
    return wrap("2", text);
  }

  String red(String text) {
    return wrap("31", text);
  }

  String green(String text) {
    return wrap("32", text);
  }

  String yellow(String text) {
    return wrap("33", text);
  }

  /** The text on one line of at most so many characters; the journal has the whole. */
  static String fit(String text, int width) {
    return cut(text.strip().replaceAll("\\s+", " "), width);
  }

  /** At most so many characters of a line, with a sign that there is more. */
  static String cut(String line, int width) {
    return line.length() <= width ? line : line.substring(0, width - 1) + "…";
  }

  private String wrap(String code, String text) {
    return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
