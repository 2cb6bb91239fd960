package org.pgrunbook.inventory;

import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;

/**
 * One effective value of the inventory and where it came from, as {@code inventory --resolved}
 * shows it. A secret is shown as its reference.
 *
 * @param path {@code clusters.orders.nodes.pg1.ssh.user}
 * @param value the value as text
 * @param origin where it is written; absent: it is the default
 */
public record Setting(String path, String value, Optional<Position> origin) {

  static Setting of(String path, Object value, Optional<Position> origin) {
    return new Setting(path, show(value), origin);
  }

  /** {@code file:line}, or {@code default}. */
  public String from() {
    return origin.map(Position::fileAndLine).orElse("default");
  }

  private static String show(Object value) {
    return switch (value) {
      case Duration duration -> Durations.show(duration);
      case Enum<?> word -> word.name().toLowerCase(Locale.ROOT);
      case Collection<?> words ->
          words.stream().map(String::valueOf).collect(Collectors.joining(", "));
      default -> value.toString();
    };
  }
}
