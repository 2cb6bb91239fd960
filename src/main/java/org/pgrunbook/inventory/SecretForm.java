package org.pgrunbook.inventory;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.SecretReference.Kind;

/**
 * Reads {@code { file: … }}, {@code { env: … }} or {@code { exec: … }}. Whatever else stands there
 * may be the secret itself, so no message quotes any of it, neither value nor key.
 */
final class SecretForm {
  private SecretForm() {}

  static SecretReference read(YamlValue value) {
    if (!value.isMapping()) {
      throw wrong(value, "must be a reference, never the secret itself");
    }
    // A fault inside, such as a key given twice, would quote it: only whether there is one counts.
    Findings inside = new Findings();
    Map<String, YamlValue> entries = value.entries(inside);
    Optional<Kind> kind =
        Stream.of(Kind.values()).filter(k -> entries.keySet().contains(word(k))).findFirst();
    if (kind.isEmpty() || entries.size() > 1 || inside.any()) {
      throw wrong(value, "is no reference to a secret");
    }
    YamlValue argument = entries.get(word(kind.get()));
    String text =
        kind.get() == Kind.FILE
            ? Form.local(argument, argument.text()).toString()
            : argument.text();
    return new SecretReference(kind.get(), text, value.position().toString());
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Problem wrong(YamlValue value, String complaint) {
    return Problem.usage("\"" + value.key() + "\" " + complaint)
        .hint(
            "Write { file: /run/secrets/pg }, { env: PGPASSWORD } or { exec: \"pass show pg\" }.");
  }
}
