package org.pgrunbook.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who runs the sandbox's servers: whoever started us, but {@code nobody} when that is root, because
 * PostgreSQL refuses to run as root.
 *
 * @param name absent: we are no root and simply stay who we are
 * @see <a href="https://www.postgresql.org/docs/current/postgres-user.html">The PostgreSQL user
 *     account</a>
 */
public record UnprivilegedUser(Optional<String> name) {
  /** There on every Linux; initdb insists on a user who has a name. */
  private static final String NOBODY = "nobody";

  /** The user who fits the one who started us. */
  public static UnprivilegedUser find() {
    try {
      boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
      return new UnprivilegedUser(root ? Optional.of(NOBODY) : Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command, to be run as this user. */
  public List<String> command(List<String> command) {
    List<String> result = new ArrayList<>();
    name.ifPresent(
        user ->
            // By number as the group, for its name is nogroup or nobody, depending on the host.
            result.addAll(
                List.of("setpriv", "--reuid=" + user, "--regid=65534", "--clear-groups", "--")));
    result.addAll(command);
    return result;
  }

  /** Gives a file or a folder, but not what is in it, to this user. */
  public Path give(Path path) {
    if (name.isPresent()) {
      try {
        var users = path.getFileSystem().getUserPrincipalLookupService();
        Files.setOwner(path, users.lookupPrincipalByName(name.get()));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot give " + path + " to " + name.get(), e);
      }
    }
    return path;
  }
}
