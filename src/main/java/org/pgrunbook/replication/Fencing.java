package org.pgrunbook.replication;

import org.pgrunbook.postgres.Node;

/**
 * By what a former primary is kept from taking writes.
 *
 * @param node the former primary
 * @param by who has seen to it
 * @param how in words, to follow the node's name
 */
public record Fencing(Node node, By by, String how) {

  /** Who sees to it that a former primary takes no writes. */
  public enum By {
    /** Its own host: no process is left, and its next start makes a standby of it. */
    HOST,
    /** The inventory's hook, which ended well. */
    HOOK,
    /** Nobody that could be asked: a person vouches for it. */
    PERSON
  }
}
