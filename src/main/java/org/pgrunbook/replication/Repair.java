package org.pgrunbook.replication;

/**
 * Something that a failover leaves to do.
 *
 * @param what what is not as it should be
 * @param how what to do about it
 */
public record Repair(String what, String how) {}
