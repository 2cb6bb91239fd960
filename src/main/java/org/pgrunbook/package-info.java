/**
 * The words that every floor shares: how things end, problems, sizes, durations, time and secrets.
 */
package org.pgrunbook;
