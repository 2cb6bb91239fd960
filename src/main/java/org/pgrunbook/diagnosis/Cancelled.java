package org.pgrunbook.diagnosis;

import java.util.List;

/**
 * What came of cancelling statements. A session that was told may take a while to hear it.
 *
 * @param told the pids of the sessions that were told
 * @param wentOn those that had done something since they were chosen, or were gone: left alone
 */
public record Cancelled(List<Integer> told, List<Integer> wentOn) {}
