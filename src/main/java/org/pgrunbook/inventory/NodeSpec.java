package org.pgrunbook.inventory;

import java.util.List;
import java.util.Optional;

/**
 * One node as the inventory declares it. The declared role is a claim; the probed role decides.
 *
 * @param cluster the cluster's name
 * @param name the node's name, unique within its cluster
 * @param host name or address
 * @param role what it is declared to be
 * @param data the data directory; absent: asked of the running server
 * @param service the unit or cluster name that the control method acts on, {@code
 *     postgresql@15-main}
 * @param control how the server is started and stopped
 * @param bin folder of {@code pg_ctl} and {@code postgres}; absent: found on the host
 * @param priority among equally advanced standbys the highest is promoted; 0 unless given
 * @param failover {@code failover: never} is false: this standby is never promoted
 * @param tags free words
 * @param ssh how its host is reached
 * @param sql how its server is reached
 */
public record NodeSpec(
    String cluster,
    String name,
    String host,
    Role role,
    Optional<String> data,
    Optional<String> service,
    Control control,
    Optional<String> bin,
    int priority,
    boolean failover,
    List<String> tags,
    SshSettings ssh,
    SqlSettings sql) {

  /** What a node is declared to be. */
  public enum Role {
    PRIMARY,
    STANDBY,
    /** A host with no server yet. */
    SPARE
  }

  /**
   * The same host with another server on it, which nobody but the host can reach, and we through
   * SSH: it listens on the host's loopback; where there is no password to log in with, on a socket.
   *
   * @param purpose what it is there for, shown behind the node's name
   * @param sockets the folder of its socket
   */
  public NodeSpec beside(String purpose, String directory, int port, String sockets) {
    SqlSettings own =
        new SqlSettings(
            sql.password().isPresent() ? "127.0.0.1" : sockets,
            port,
            sql.user(),
            sql.database(),
            "disable",
            sql.password(),
            true);
    return new NodeSpec(
        cluster,
        name + " (" + purpose + ")",
        host,
        Role.SPARE,
        Optional.of(directory),
        Optional.empty(),
        new Control.PgCtl(),
        bin,
        0,
        false,
        tags,
        ssh,
        own);
  }

  /** The name by which the node is known everywhere, {@code orders/pg1}. */
  public String fullName() {
    return cluster + "/" + name;
  }
}
