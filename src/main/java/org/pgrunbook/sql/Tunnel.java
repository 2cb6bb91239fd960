package org.pgrunbook.sql;

/** A way to a server that only the node's host can reach; the SSH wire provides it. */
@FunctionalInterface
public interface Tunnel {
  /**
   * Opens the tunnel unless it is open.
   *
   * @param host the server's host as the far end sees it, or the folder with its socket
   * @param port the server's port
   * @return the port on this machine's loopback that leads there
   */
  int port(String host, int port);
}
