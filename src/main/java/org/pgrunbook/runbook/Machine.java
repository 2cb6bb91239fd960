package org.pgrunbook.runbook;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.pgrunbook.journal.State;

/** What tells the runs of one state folder from those of all others. */
final class Machine {
  private static final String NAME = "machine";

  private Machine() {}

  /** The name of the folder; empty if it has none yet. */
  static String known(State state) {
    try {
      Path name = state.folder().resolve(NAME);
      return Files.exists(name) ? Files.readString(name) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A name that the folder is given once. */
  static String of(State state) {
    Path name = state.folder().resolve(NAME);
    try {
      if (!Files.exists(name)) {
        Files.createDirectories(state.folder());
        Path draft = Files.createTempFile(state.folder(), NAME, null);
        Files.writeString(draft, UUID.randomUUID().toString());
        try {
          Files.createLink(name, draft);
        } catch (FileAlreadyExistsException e) {
          // Another run was faster; its name counts.
        } finally {
          Files.delete(draft);
        }
      }
      return Files.readString(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
