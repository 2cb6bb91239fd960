package org.pgrunbook;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The secret values seen so far. A value is registered the moment it is resolved; from then on it
 * is struck out of everything that is told, wherever it turns up.
 */
public final class Secrets {
  private static final String STRUCK_OUT = "[secret]";

  /** A shorter value would strike out ordinary words and numbers. */
  private static final int SHORTEST = 4;

  private final List<String> values = new CopyOnWriteArrayList<>();

  /** Remembers a value and returns it. */
  public String register(String value) {
    if (value.length() >= SHORTEST && !values.contains(value)) {
      values.add(value);
      // Longest first: a secret that contains another must not leave its rest behind.
      values.sort(Comparator.comparingInt(String::length).reversed());
    }
    return value;
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
