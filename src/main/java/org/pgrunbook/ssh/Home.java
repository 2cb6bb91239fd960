package org.pgrunbook.ssh;

import com.jcraft.jsch.ConfigRepository;
import com.jcraft.jsch.OpenSSHConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.pgrunbook.Problem;

/**
 * Whose keys, known hosts and configuration are used.
 *
 * @param folder the home folder, with {@code .ssh} in it
 * @param agent the socket of the SSH agent
 */
record Home(Path folder, Optional<Path> agent) {

  /** The home of the user who runs pgrunbook. */
  static Home here() {
    return new Home(
        Path.of(System.getProperty("user.home")),
        Optional.ofNullable(System.getenv("SSH_AUTH_SOCK"))
            .filter(text -> !text.isBlank())
            .map(Path::of));
  }

  /** A file in {@code .ssh}. */
  Path ssh(String name) {
    return folder.resolve(".ssh").resolve(name);
  }

  /** A path as OpenSSH's configuration writes it. */
  Path path(String text) {
    return text.startsWith("~/") || text.startsWith("%d/")
        ? folder.resolve(text.substring(2))
        : folder.resolve(text);
  }

  /** What {@code ~/.ssh/config} says of a host; {@code Match} and {@code Include} are not read. */
  ConfigRepository.Config config(String host) {
    Path file = ssh("config");
    try {
      return OpenSSHConfig.parse(Files.exists(file) ? Files.readString(file) : "").getConfig(host);
    } catch (IOException e) {
      throw Problem.usage("cannot read \"" + file + "\"").because(e);
    }
  }
}
