package org.pgrunbook.replication;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;

/**
 * A connection string of libpq, {@code host=10.0.1.10 passfile='/a b/.pgpass'}.
 *
 * @param parameters by keyword, in their order
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING">
 *     Connection strings</a>
 */
record Conninfo(Map<String, String> parameters) {
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\s*(?<keyword>\\w+)\\s*=\\s*"
              + "(?:'(?<quoted>(?:[^'\\\\]|\\\\.)*)'|(?<bare>(?:[^\\s'\\\\]|\\\\.)*))(?=\\s|$)\\s*");

  private static final Pattern PLAIN = Pattern.compile("[^\\s'\\\\]+");

  /**
   * Takes a string of keywords and values apart.
   *
   * @throws Problem with exit 1 if it is none; a URI is none
   */
  static Conninfo parse(String text) {
    Map<String, String> parameters = new LinkedHashMap<>();
    Matcher parameter = PARAMETER.matcher(text);
    int end = 0;
    while (end < text.length() && parameter.find(end) && parameter.start() == end) {
      String quoted = parameter.group("quoted");
      String value = quoted == null ? parameter.group("bare") : quoted;
      parameters.put(parameter.group("keyword"), value.replaceAll("\\\\(.)", "$1"));
      end = parameter.end();
    }
    if (end < text.strip().length()) {
      // Not the text itself: it may hold a password.
      throw Problem.failed("primary_conninfo is no list of keyword=value")
          .hint("Write it as host=... port=... user=..., as pg_basebackup -R does.");
    }
    return new Conninfo(parameters);
  }

  /** The same connection to another server; what else is said of it stays. */
  Conninfo to(String host, int port) {
    Map<String, String> changed = new LinkedHashMap<>(parameters);
    changed.remove("hostaddr");
    changed.put("host", host);
    changed.put("port", String.valueOf(port));
    return new Conninfo(changed);
  }

  /** The same with one more parameter. */
  Conninfo with(String keyword, String value) {
    Map<String, String> changed = new LinkedHashMap<>(parameters);
    changed.put(keyword, value);
    return new Conninfo(changed);
  }

  /** The password that it holds, if any. */
  Optional<String> password() {
    return Optional.ofNullable(parameters.get("password"));
  }

  /** The string, quoted where it must be. */
  @Override
  public String toString() {
    return parameters.entrySet().stream()
        .map(parameter -> parameter.getKey() + "=" + quoted(parameter.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static String quoted(String value) {
    return PLAIN.matcher(value).matches()
        ? value
        : "'" + value.replaceAll("['\\\\]", "\\\\$0") + "'";
  }
}
