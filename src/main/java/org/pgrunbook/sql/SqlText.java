package org.pgrunbook.sql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a statement without what only quotes them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">Lexical
 *     structure</a>
 */
final class SqlText {
  private static final Pattern COMMENT_EDGE = Pattern.compile("/\\*|\\*/");

  /** What a scan over a statement has to pass as one: only the last two are kept. */
  private static final Pattern PART =
      Pattern.compile(
          """
          --[^\\n]*
          | (?<comment> /\\*)
          | [eE]'(?:[^'\\\\]|\\\\.|'')*'
          | '(?:[^']|'')*'
          | \\$(?<tag>(?:[\\p{L}_][\\p{L}\\p{N}_]*)?)\\$ .*? \\$\\k<tag>\\$
          | "(?<quoted>(?:[^"]|"")*)"
          | (?<word> [\\p{L}_][\\p{L}\\p{N}_$]*)
          """,
          Pattern.COMMENTS | Pattern.DOTALL);

  private SqlText() {}

  /**
   * The statement with a blank for each comment and each literal, and quoted identifiers without
   * their quotes.
   */
  static String code(String sql) {
    StringBuilder code = new StringBuilder();
    Matcher part = PART.matcher(sql);
    int from = 0;
    while (from < sql.length() && part.find(from)) {
      code.append(sql, from, part.start());
      from = part.end();
      if (part.group("word") != null) {
        code.append(part.group());
      } else if (part.group("quoted") != null) {
        // Nothing in a name may look like a parenthesis or the end of the statement.
        code.append(part.group("quoted").replaceAll("[^\\p{L}\\p{N}_$]", "_"));
      } else {
        code.append(' ');
        from = part.group("comment") == null ? from : endOfComment(sql, from);
      }
    }
    return code.append(sql.substring(from)).toString();
  }

  /** Unlike C's, these comments nest. */
  private static int endOfComment(String sql, int from) {
    Matcher edge = COMMENT_EDGE.matcher(sql);
    int depth = 1;
    int end = from;
    while (depth > 0 && edge.find(end)) {
      depth += edge.group().equals("/*") ? 1 : -1;
      end = edge.end();
    }
    return depth == 0 ? end : sql.length();
  }
}
