package org.pgrunbook.postgres;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A configuration file such as {@code postgresql.auto.conf}, line by line: what is not touched, and
 * every comment, stays as it was.
 *
 * @param lines without their line ends
 * @see <a href="https://www.postgresql.org/docs/current/config-setting.html">Setting parameters</a>
 */
public record PostgresConf(List<String> lines) {
  private static final Pattern SETTING =
      Pattern.compile(
          "\\s*(?<name>[A-Za-z_][\\w$.]*)\\s*[=\\s]\\s*"
              + "(?:'(?<quoted>(?:[^'\\\\]|''|\\\\.)*)'|(?<bare>[^\\s#']+))\\s*(?:#.*)?");

  private static final Pattern ESCAPE = Pattern.compile("''|\\\\([0-7]{1,3}|.)");

  /** Takes the text of a file apart. */
  public static PostgresConf parse(String text) {
    return new PostgresConf(text.lines().toList());
  }

  /** One line, {@code name = 'value'}, with what is special in the value escaped. */
  public static String line(String name, String value) {
    String escaped =
        value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\r", "\\r");
    return name + " = '" + escaped + "'";
  }

  /** The value of a parameter; of several the last, as the server takes it. */
  public Optional<String> value(String name) {
    return Optional.ofNullable(settings().get(name.toLowerCase(Locale.ROOT)));
  }

  /** All parameters that are set, by their names in lower case. */
  public Map<String, String> settings() {
    Map<String, String> result = new TreeMap<>();
    for (String line : lines) {
      Matcher setting = SETTING.matcher(line);
      if (setting.matches()) {
        String bare = setting.group("bare");
        result.put(name(setting), bare == null ? unescape(setting.group("quoted")) : bare);
      }
    }
    return result;
  }

  /** The file with a parameter set to a value: once, at the end. */
  public PostgresConf with(String name, String value) {
    return new PostgresConf(
        Stream.concat(without(name).lines.stream(), Stream.of(line(name, value))).toList());
  }

  /**
   * The file with what is set too low raised.
   *
   * @param least by parameter, what it has to be at least
   * @param setting what a parameter is now, which not only this file may say
   */
  public PostgresConf raised(Map<String, ? extends Number> least, ToLongFunction<String> setting) {
    PostgresConf result = this;
    for (Map.Entry<String, ? extends Number> needed : least.entrySet()) {
      if (setting.applyAsLong(needed.getKey()) < needed.getValue().longValue()) {
        result = result.with(needed.getKey(), String.valueOf(needed.getValue()));
      }
    }
    return result;
  }

  /** The file without a parameter. */
  public PostgresConf without(String name) {
    return new PostgresConf(
        lines.stream()
            .filter(
                line -> {
                  Matcher setting = SETTING.matcher(line);
                  return !setting.matches() || !name(setting).equals(name.toLowerCase(Locale.ROOT));
                })
            .toList());
  }

  /** The text of the file. */
  @Override
  public String toString() {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  private static String name(Matcher setting) {
    return setting.group("name").toLowerCase(Locale.ROOT);
  }

  private static String unescape(String quoted) {
    return ESCAPE
        .matcher(quoted)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(found.group(1) == null ? "'" : unescaped(found.group(1))));
  }

  private static String unescaped(String escape) {
    return switch (escape) {
      case "n" -> "\n";
      case "r" -> "\r";
      case "t" -> "\t";
      case "b" -> "\b";
      case "f" -> "\f";
      case String octal when octal.matches("[0-7]+") -> "" + (char) Integer.parseInt(octal, 8);
      default -> escape;
    };
  }
}
