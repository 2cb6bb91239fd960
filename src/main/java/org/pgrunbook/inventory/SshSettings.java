package org.pgrunbook.inventory;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a host is reached over SSH. What is absent is taken from {@code ~/.ssh/config}, then from
 * OpenSSH's defaults.
 *
 * @param host name or address; the node's {@code host} unless given
 * @param port absent: {@code ~/.ssh/config}, else 22
 * @param user absent: {@code ~/.ssh/config}, else the user who runs pgrunbook
 * @param identity private key file; absent: the agent and the default key files
 * @param knownHosts absent: {@code ~/.ssh/known_hosts}
 * @param proxyJump {@code [user@]host[:port]} to go through
 * @param sudo whether commands of the control method run through {@code sudo -n}
 */
public record SshSettings(
    String host,
    Optional<Integer> port,
    Optional<String> user,
    Optional<Path> identity,
    Optional<Path> knownHosts,
    Optional<String> proxyJump,
    boolean sudo) {}
