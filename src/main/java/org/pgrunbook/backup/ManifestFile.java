package org.pgrunbook.backup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.pgrunbook.Problem;
import org.pgrunbook.Sha256;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.JsonReader;

/**
 * {@code manifest.json} as it is stored. Its last member, {@code sha256}, is the sum of all bytes
 * before the comma that precedes it: nothing else guards the file that guards all others.
 */
final class ManifestFile {
  private static final String LAST = ",\n  \"sha256\" : \"";
  private static final String END = "\"\n}\n";

  private ManifestFile() {}

  static byte[] write(Manifest manifest) {
    return signed(Json.pretty(manifest)).getBytes(StandardCharsets.UTF_8);
  }

  /** A JSON object with the sum of itself as its last member. */
  static String signed(String json) {
    String body = json.strip().replaceFirst("\\s*}$", "");
    return body + LAST + Sha256.of(body.getBytes(StandardCharsets.UTF_8)) + END;
  }

  /**
   * Reads the file.
   *
   * @throws Problem with exit 3 if it is of a newer format, with exit 1 if it is damaged
   */
  static Manifest read(String key, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      Object format = Json.object(text).get("format");
      if (format instanceof Number number && number.intValue() > Manifest.FORMAT) {
        throw Problem.refused(
                "manifest \"%s\" has format %s, newer than %d"
                    .formatted(key, format, Manifest.FORMAT))
            .hint("Use the version of pgrunbook that wrote it, or a newer one.")
            .hint("Another backup can still be restored, with -p backup=ID.");
      }
      requireSum(key, text);
      return JsonReader.read(Manifest.class, text);
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw damaged(key, "it cannot be read").because(e);
    }
  }

  private static void requireSum(String key, String text) {
    int last = text.lastIndexOf(LAST);
    if (last < 0
        || !text.equals(
            text.substring(0, last)
                + LAST
                + Sha256.of(text.substring(0, last).getBytes(StandardCharsets.UTF_8))
                + END)) {
      throw damaged(key, "its SHA-256 is not what it says");
    }
  }

  private static Problem damaged(String key, String why) {
    return Problem.failed("manifest \"" + key + "\" is damaged: " + why)
        .hint("Another backup can still be restored, with -p backup=ID.");
  }
}
