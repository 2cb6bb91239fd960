package org.pgrunbook.inventory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;

/**
 * Where a secret is found; never the secret itself.
 *
 * @param kind {@code file}, {@code env} or {@code exec}
 * @param argument the path, the variable or the command
 * @param place {@code file:line:column} of the reference, for errors
 */
public record SecretReference(Kind kind, String argument, String place) {

  /** Where to look. */
  public enum Kind {
    FILE,
    ENV,
    EXEC
  }

  /**
   * Reads the secret, and registers it so that it is never told.
   *
   * @throws Problem with exit 2 if it cannot be had
   */
  public String resolve(Secrets secrets) {
    String value =
        switch (kind) {
          case FILE -> read(Path.of(argument));
          case ENV -> System.getenv(argument);
          case EXEC -> throw Problem.usage("exec: is not read yet").at(place);
        };
    if (value == null || value.isEmpty()) {
      throw Problem.usage(
              "secret " + kind.name().toLowerCase(Locale.ROOT) + ": " + argument + " is empty")
          .at(place);
    }
    return secrets.register(value);
  }

  private String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw Problem.usage("cannot read the secret file " + file).because(e).at(place);
    }
  }
}
