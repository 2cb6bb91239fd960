package org.pgrunbook.journal;

import org.pgrunbook.Secrets;
import org.pgrunbook.Time;

/**
 * What every floor needs of the run in progress.
 *
 * @param id the run's id: UTC start, to the microsecond in base 36, {@code 20260301-014500-k3f9}
 * @param journal where everything is told
 * @param means how operations are carried out
 * @param time the clock
 * @param secrets the values that must never be told
 */
public record Run(String id, Journal journal, Means means, Time time, Secrets secrets) {}
