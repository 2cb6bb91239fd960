package org.pgrunbook.inventory;

/** How a server is started and stopped. */
public sealed interface Control {
  /** {@code systemctl} on the node's {@code service}. */
  record Systemd() implements Control {}

  /**
   * Debian's {@code pg_ctlcluster}; the node's {@code service} is {@code postgresql@VERSION-NAME}.
   */
  record PgCtlcluster() implements Control {}

  /** {@code pg_ctl} with the node's {@code data} and {@code bin}. */
  record PgCtl() implements Control {}

  /** Commands of the user's own, each one line for the host's shell. */
  record Commands(String start, String stop, String restart) implements Control {}
}
