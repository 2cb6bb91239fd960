package org.pgrunbook.runbook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.pgrunbook.Problem;
import org.pgrunbook.Sha256;

/**
 * The text of a runbook.
 *
 * @param name its name under {@code runbooks/}, {@code backup/base-backup}, or the path it was
 *     given by
 * @param file where it is
 * @param text what it says
 */
public record Source(String name, Path file, String text) {
  private static final Pattern HEADER = Pattern.compile("\\A\\s*/\\*\\*(.*?)\\*/", Pattern.DOTALL);

  static Source read(String name, Path file) {
    try {
      return new Source(name, file, Files.readString(file));
    } catch (IOException e) {
      throw Problem.usage("cannot read runbook " + file).because(e);
    }
  }

  /** SHA-256 of the text, as hexadecimal digits. */
  public String digest() {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The header comment without its stars: the help text. Empty if there is none. */
  public String help() {
    var matcher = HEADER.matcher(text);
    return matcher.find() ? matcher.group(1).replaceAll("(?m)^\\s*\\* ?", "").strip() : "";
  }

  /** The first sentence of the help text, on one line. */
  public String summary() {
    return help().replaceFirst("(?s)\\n\\s*\\n.*", "").replaceAll("\\s+", " ").strip();
  }
}
