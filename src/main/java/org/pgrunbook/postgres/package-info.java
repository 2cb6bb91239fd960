/**
 * What is known of one PostgreSQL server without asking it: LSNs, WAL segments, timelines and the
 * files of its data directory.
 */
package org.pgrunbook.postgres;
