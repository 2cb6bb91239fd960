package org.pgrunbook.journal;

import java.time.Instant;

/**
 * An event as it stands in the journal.
 *
 * @param sequence counts from 1 within a run
 * @param at when it was told
 * @param step the path of the step in progress, {@code copy the files/pg1}; empty outside of steps
 * @param event what happened
 */
public record Entry(long sequence, Instant at, String step, Event event) {}
