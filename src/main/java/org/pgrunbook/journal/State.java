package org.pgrunbook.journal;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folder of pgrunbook's own state: journals, locks, caches and the sandbox.
 *
 * @param folder {@code $PGRUNBOOK_STATE}, else {@code $XDG_STATE_HOME/pgrunbook}, else {@code
 *     ~/.local/state/pgrunbook}
 */
public record State(Path folder) {

  /** The folder that the environment says. */
  public static State of(Map<String, String> environment) {
    String own = environment.get("PGRUNBOOK_STATE");
    if (own != null && !own.isBlank()) {
      return new State(Path.of(own).toAbsolutePath().normalize());
    }
    String xdg = environment.get("XDG_STATE_HOME");
    Path base =
        xdg != null && !xdg.isBlank()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".local", "state");
    return new State(base.resolve("pgrunbook").toAbsolutePath());
  }

  public Path runs() {
    return folder.resolve("runs");
  }

  public Path locks() {
    return folder.resolve("locks");
  }

  /** Compiled runbooks, which may be deleted at any time. */
  public Path compiled() {
    return folder.resolve("compiled");
  }

  public Path sandbox() {
    return folder.resolve("sandbox");
  }
}
