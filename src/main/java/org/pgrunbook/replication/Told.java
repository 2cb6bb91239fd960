package org.pgrunbook.replication;

/**
 * What became of somebody who was to be told of a new primary: a pooler, or the hook {@code
 * promoted}.
 *
 * @param who a pooler by its address, the hook by its name
 * @param done whether it was told
 * @param remark why not
 */
public record Told(String who, boolean done, String remark) {}
