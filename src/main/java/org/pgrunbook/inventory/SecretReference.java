package org.pgrunbook.inventory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Where to look. */
  public enum Kind {
    /** The content of a file, without its last newline. */
    FILE,
    /** An environment variable of pgrunbook. */
    ENV,
    /** What a command of {@code sh} prints within 10 seconds, without its last newline. */
    EXEC
  }

  /**
   * For verbs: reads the secret, and registers it so that it is never told.
   *
   * @throws Problem with exit 2 if it cannot be had
   */
  public String resolve(Secrets secrets) {
    return resolve(secrets, LIMIT);
  }

  String resolve(Secrets secrets, Duration limit) {
    try {
      String value =
          switch (kind) {
            case FILE -> file();
            case ENV -> variable();
            case EXEC -> new SecretCommand(argument, limit).output();
          };
      // Only line ends are taken off: a blank may belong to the secret.
      String secret = value.replaceFirst("[\\r\\n]+$", "");
      if (secret.isEmpty()) {
        throw Problem.usage("secret " + this + " is empty");
      }
      return secrets.register(secret);
    } catch (Problem problem) {
      throw problem.at(place);
    }
  }

  private String file() {
    try {
      return Files.readString(Path.of(argument));
    } catch (IOException e) {
      boolean there = Files.exists(Path.of(argument));
      throw Problem.usage(
              "secret file \"" + argument + (there ? "\" cannot be read" : "\" does not exist"))
          .hint(there ? "Check its owner and mode." : "Create it, or correct the reference.")
          .because(e);
    }
  }

  private String variable() {
    String value = System.getenv(argument);
    if (value == null) {
      throw Problem.usage("environment variable \"" + argument + "\" is not set")
          .hint("Export it where pgrunbook is started, or correct the reference.");
    }
    return value;
  }

  /** The reference as it is written, {@code file: /run/secrets/pg}. */
  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + ": " + argument;
  }
}
