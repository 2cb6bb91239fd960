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
  private Machine() {}

  /** A name that the folder is given once. */
  static String of(State state) {
    Path name = state.folder().resolve("machine");
    try {
      if (!Files.exists(name)) {
        Files.createDirectories(state.folder());
        Path draft = Files.createTempFile(state.folder(), "machine", null);
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
