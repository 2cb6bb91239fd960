package org.pgrunbook.replication;

/**
 * What became of a pooler that was to lead its clients to a new primary.
 *
 * @param pooler where it listens
 * @param done whether it does
 * @param remark why not
 */
public record Told(String pooler, boolean done, String remark) {}
