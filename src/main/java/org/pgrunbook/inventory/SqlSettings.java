package org.pgrunbook.inventory;

import java.util.Optional;

/**
 * How a server is reached over JDBC.
 *
 * @param host the node's {@code host} unless given; an absolute path: the folder of the server's
 *     socket on the node's host, which is reached through SSH
 * @param port 5432 unless given
 * @param user {@code postgres} unless given
 * @param database {@code postgres} unless given
 * @param sslmode libpq's modes, {@code prefer} unless given
 * @param password absent: {@code ~/.pgpass}, trust or peer
 * @param viaSsh {@code via: ssh}: tunnelled through the node's SSH connection
 */
public record SqlSettings(
    String host,
    int port,
    String user,
    String database,
    String sslmode,
    Optional<SecretReference> password,
    boolean viaSsh) {

  /** Whether the server is reached by a socket of its host. */
  public boolean isSocket() {
    return host.startsWith("/");
  }
}
