package org.pgrunbook.inventory;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pgrunbook.Durations;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;

/** What a value must look like, and what it then means. */
@FunctionalInterface
interface Form<T> {
  Pattern DIGITS = Pattern.compile("\\d{1,9}");

  /**
   * Reads a value.
   *
   * @throws Problem if it does not have this form; whoever asked adds the place
   */
  T read(YamlValue value);

  static Form<String> text() {
    return YamlValue::text;
  }

  static Form<List<String>> words() {
    return value -> value.items().stream().map(YamlValue::text).toList();
  }

  static Form<Integer> number(int least, int most) {
    return value -> {
      String text = value.text();
      int number = DIGITS.matcher(text).matches() ? Integer.parseInt(text) : -1;
      if (number < least || number > most) {
        throw wrong(value, "is not a number from " + least + " to " + most);
      }
      return number;
    };
  }

  static Form<Integer> port() {
    return number(1, 65_535);
  }

  static Form<String> word(String... words) {
    return value -> {
      if (!List.of(words).contains(value.text())) {
        throw wrong(value, "is unknown").hint(Nearest.hint(value.text(), List.of(words)));
      }
      return value.text();
    };
  }

  /** One of an enumeration's constants, written in lower case. */
  static <E extends Enum<E>> Form<E> oneOf(Class<E> type) {
    String[] words =
        Stream.of(type.getEnumConstants())
            .map(constant -> constant.name().toLowerCase(Locale.ROOT))
            .toArray(String[]::new);
    return value -> Enum.valueOf(type, word(words).read(value).toUpperCase(Locale.ROOT));
  }

  static Form<Boolean> flag() {
    return value ->
        switch (value.text()) {
          case "true" -> true;
          case "false" -> false;
          default -> throw wrong(value, "is neither true nor false");
        };
  }

  static Form<Duration> duration() {
    return value -> {
      try {
        Duration duration = Durations.parse(value.text());
        if (duration.isPositive()) {
          return duration;
        }
      } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
        // Said below, in our words.
      }
      throw wrong(value, "is no duration").hint("Write it such as 30s, 5min or 30 days.");
    };
  }

  static Form<String> url() {
    return value -> {
      try {
        URI uri = URI.create(value.text());
        if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
          return value.text();
        }
      } catch (IllegalArgumentException e) {
        // Said below, in our words.
      }
      throw wrong(value, "is no address").hint("Write it such as https://s3.example.com:9000.");
    };
  }

  /** A key prefix, without slashes at its ends. */
  static Form<String> prefix() {
    return value -> value.text().replaceAll("^/+|/+$", "");
  }

  /** A path on the host, where neither {@code ~} nor a working folder means anything. */
  static Form<String> remotePath() {
    return value -> {
      if (!value.text().startsWith("/")) {
        throw wrong(value, "is not an absolute path on the host");
      }
      return value.text();
    };
  }

  /** A path on this machine, relative to the folder of the file that names it. */
  static Form<Path> localPath() {
    return value -> local(value, value.text());
  }

  static Form<SecretReference> secret() {
    return SecretForm::read;
  }

  static Path local(YamlValue value, String text) {
    String expanded =
        text.equals("~") || text.startsWith("~/")
            ? System.getProperty("user.home") + text.substring(1)
            : text;
    try {
      return value.file().toAbsolutePath().resolveSibling(expanded).normalize();
    } catch (InvalidPathException e) {
      throw Problem.usage("\"" + value.key() + "\" is no path").because(e);
    }
  }

  private static Problem wrong(YamlValue value, String complaint) {
    return Problem.usage(value.key() + " \"" + value.text() + "\" " + complaint);
  }
}
