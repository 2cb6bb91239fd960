package org.pgrunbook.diagnosis;

import org.pgrunbook.postgres.Node;

/**
 * Something measured, for whoever draws curves of it.
 *
 * @param node where; null: the cluster
 * @param name what, in letters and underscores
 * @param value how much
 * @param unit {@code %}, {@code B} for bytes, {@code s} for seconds, or empty for a count
 * @param warn from here on it is a warning; null: never by itself
 * @param critical from here on it is an emergency; null: never by itself
 */
public record Figure(Node node, String name, long value, String unit, Long warn, Long critical) {}
