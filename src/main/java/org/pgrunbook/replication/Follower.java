package org.pgrunbook.replication;

import org.pgrunbook.postgres.Node;

/**
 * What became of a standby that was to follow a new primary.
 *
 * @param node the standby
 * @param streams whether it streams from the new primary
 * @param remark why not, and what to do
 */
public record Follower(Node node, boolean streams, String remark) {}
