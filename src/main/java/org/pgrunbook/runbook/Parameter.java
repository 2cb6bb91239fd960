package org.pgrunbook.runbook;

import java.util.Locale;
import java.util.Optional;

/**
 * A parameter as the source declares it.
 *
 * @param name the field's name
 * @param type the type as written, {@code DataSize} or {@code List<Node>}
 * @param help what it means
 * @param defaultText the default as written; absent: null unless given
 * @param required whether it must be given
 * @param min the least value that it may have, as the command line spells it
 * @param max the greatest one
 * @param target whether it is the {@code @Target}
 * @param line where it is declared
 */
public record Parameter(
    String name,
    String type,
    String help,
    Optional<String> defaultText,
    boolean required,
    Optional<String> min,
    Optional<String> max,
    boolean target,
    int line) {

  /** Whether a name on the command line means this one: {@code maxLoss} or {@code max-loss}. */
  public boolean answersTo(String given) {
    return given.equals(name) || given.equals(dashed());
  }

  /** Which values it may have: {@code 1 to 64}, {@code at least 1s}; empty: any. */
  public String range() {
    return Range.of(this).inWords();
  }

  private String dashed() {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
