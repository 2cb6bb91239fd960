/** What one PostgreSQL server can do, and what is known of a cluster of them. */
package org.pgrunbook.postgres;
