package org.pgrunbook.report;

/** Writes HTML. Whatever is given as text or as the value of an attribute is escaped. */
final class Html {
  private final StringBuilder out = new StringBuilder(1 << 16);

  /**
   * An element.
   *
   * @param tag its name, and its classes after dots: {@code div.bar.failed}
   * @param attributes names and values by turns
   */
  Html in(String tag, Runnable body, String... attributes) {
    open(tag, attributes);
    body.run();
    out.append("</").append(name(tag)).append(">\n");
    return this;
  }

  /** An element of text. */
  Html leaf(String tag, String text, String... attributes) {
    open(tag, attributes);
    out.append(escaped(text)).append("</").append(name(tag)).append(">\n");
    return this;
  }

  /** An element that has no end. */
  Html single(String tag, String... attributes) {
    open(tag, attributes);
    out.append('\n');
    return this;
  }

  Html text(String text) {
    out.append(escaped(text));
    return this;
  }

  /** What is our own, and no text of anybody: the style, the document's type. */
  Html own(String markup) {
    out.append(markup);
    return this;
  }

  private void open(String tag, String... attributes) {
    out.append('<').append(name(tag));
    int dot = tag.indexOf('.');
    if (dot > 0) {
      out.append(" class=\"").append(tag.substring(dot + 1).replace('.', ' ')).append('"');
    }
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      out.append(escaped(attributes[i + 1])).append('"');
    }
    out.append('>');
  }

  private static String name(String tag) {
    int dot = tag.indexOf('.');
    return dot < 0 ? tag : tag.substring(0, dot);
  }

  private static String escaped(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(visible(c));
              }
            });
    return safe.toString();
  }

  /** HTML allows no control characters, and half of a pair is no character. */
  private static int visible(int c) {
    boolean control = (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    return control || (c >= 0xd800 && c < 0xe000) ? '\ufffd' : c;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
