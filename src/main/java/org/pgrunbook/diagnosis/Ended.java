package org.pgrunbook.diagnosis;

import java.util.List;

/**
 * What came of ending sessions.
 *
 * @param ended their pids
 * @param wentOn those that had done something since they were chosen, or were gone: left alone
 * @param alive those that were told to end and still ran after 5 seconds
 */
public record Ended(List<Integer> ended, List<Integer> wentOn, List<Integer> alive) {}
