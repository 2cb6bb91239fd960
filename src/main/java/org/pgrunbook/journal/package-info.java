/** The event stream of a run: what is about to happen, what came of it, and who hears of it. */
package org.pgrunbook.journal;
