package org.pgrunbook.replication;

/**
 * One thing that was heard of a server.
 *
 * @param from who says so: SQL, the host, or a standby
 * @param says what it says
 */
public record Signal(String from, String says) {}
