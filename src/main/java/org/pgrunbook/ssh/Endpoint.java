package org.pgrunbook.ssh;

import com.jcraft.jsch.ConfigRepository.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.SshSettings;

/**
 * Where and as whom to log in, once the inventory, {@code ~/.ssh/config} and OpenSSH's defaults
 * have been asked, in this order.
 *
 * @param host name or address
 * @param port 22 unless given
 * @param user the local user unless given
 * @param alias the name under which the host's key is known, if not by host and port
 * @param identities the key files that were named; none: the agent and the default files
 * @param knownHosts files of known hosts; the first is where hints say to add one
 * @param jump the host to go through
 * @param patience how long to wait for each answer while connecting
 */
record Endpoint(
    String host,
    int port,
    String user,
    Optional<String> alias,
    List<Path> identities,
    List<Path> knownHosts,
    Optional<String> jump,
    Duration patience) {

  private static final Pattern JUMP =
      Pattern.compile("(?:([^@]+)@)?(\\[[^]]+]|[^:,]+)(?::(\\d+))?");

  /** The host of a node. */
  static Endpoint of(SshSettings ssh, Home home) {
    Config config = home.config(ssh.host());
    String host = Optional.ofNullable(config.getHostname()).orElse("%h").replace("%h", ssh.host());
    return new Endpoint(
        host.toLowerCase(Locale.ROOT),
        ssh.port().orElse(config.getPort() > 0 ? config.getPort() : 22),
        ssh.user()
            .or(() -> Optional.ofNullable(config.getUser()))
            .orElse(System.getProperty("user.name")),
        Optional.ofNullable(config.getValue("HostKeyAlias")),
        ssh.identity()
            .map(file -> List.of(home.path(file.toString())))
            .orElseGet(() -> paths(config.getValues("IdentityFile"), home)),
        knownHosts(ssh, config, home),
        ssh.proxyJump()
            .or(() -> Optional.ofNullable(config.getValue("ProxyJump")))
            .filter(jump -> !jump.equals("none")),
        Optional.ofNullable(config.getValue("ConnectTimeout"))
            // JSch has made milliseconds of the file's seconds.
            .map(millis -> Duration.ofMillis(Long.parseLong(millis)))
            .orElse(Duration.ofSeconds(10)));
  }

  /** The host to go through, which is asked of {@code ~/.ssh/config} as well. */
  static Endpoint jump(String text, SshSettings target, Home home) {
    var matcher = JUMP.matcher(text.strip());
    if (!matcher.matches()) {
      throw Problem.usage("proxyJump \"" + text + "\" is not [user@]host[:port]")
          .hint("One host can be gone through; for more, chain them in ~/.ssh/config.");
    }
    return of(
        new SshSettings(
            matcher.group(2).replaceAll("[\\[\\]]", ""),
            Optional.ofNullable(matcher.group(3)).map(Integer::valueOf),
            Optional.ofNullable(matcher.group(1)),
            target.identity(),
            target.knownHosts(),
            Optional.empty(),
            false),
        home);
  }

  private static List<Path> knownHosts(SshSettings ssh, Config config, Home home) {
    List<Path> own =
        ssh.knownHosts()
            .map(file -> List.of(home.path(file.toString())))
            .orElseGet(() -> paths(config.getValues("UserKnownHostsFile"), home));
    Path users = home.ssh("known_hosts");
    return Stream.concat(
            (own.isEmpty() ? List.of(users) : own).stream(),
            Stream.of(Path.of("/etc/ssh/ssh_known_hosts")))
        .toList();
  }

  private static List<Path> paths(String[] values, Home home) {
    return values == null
        ? List.of()
        : Arrays.stream(values)
            .flatMap(value -> Arrays.stream(value.split("\\s+")))
            .map(text -> home.path(text.replace("\"", "")))
            .toList();
  }

  /** The name under which known_hosts files list the host. */
  String knownAs() {
    return alias.orElse(port == 22 ? host : "[" + host + "]:" + port);
  }

  /** How a person would log in there. */
  String login() {
    return "ssh "
        + jump.map(through -> "-J " + through + " ").orElse("")
        + (port == 22 ? "" : "-p " + port + " ")
        + user
        + "@"
        + host;
  }

  @Override
  public String toString() {
    return "\"" + host + (port == 22 ? "" : ":" + port) + "\"";
  }
}
