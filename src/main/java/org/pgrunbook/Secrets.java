package org.pgrunbook;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The secret values seen so far. A value is registered the moment it is resolved; from then on it
 * is struck out of everything that is told, wherever it turns up, also as SQL, a shell, JSON, a URL
 * or an assertion would write it.
 */
public final class Secrets {
  private static final String STRUCK_OUT = "[secret]";

  /** A shorter value would strike out ordinary words and numbers. */
  private static final int SHORTEST = 4;

  private final List<String> values = new CopyOnWriteArrayList<>();

  /** Remembers a value and returns it. */
  public String register(String value) {
    if (value.length() >= SHORTEST && !values.contains(value)) {
      spellings(value).distinct().forEach(values::add);
      // Longest first: a secret that contains another must not leave its rest behind.
      values.sort(Comparator.comparingInt(String::length).reversed());
    }
    return value;
  }

  private static Stream<String> spellings(String value) {
    String escaped = value.replace("\\", "\\\\");
    String url = URLEncoder.encode(value, UTF_8);
    return Stream.of(
        value,
        value.replace("'", "''"),
        value.replace("'", "'\\''"),
        escaped,
        escaped.replace("'", "\\'"),
        escaped.replace("\"", "\\\""),
        url,
        url.replace("+", "%20"),
        Base64.getEncoder().encodeToString(value.getBytes(UTF_8)));
  }

  /** The text without any registered value. */
  public String redact(String text) {
    String result = text;
    for (String value : values) {
      result = result.replace(value, STRUCK_OUT);
    }
    return result;
  }
}
