/**
 * Which node is the primary and how that changes: evidence, ranking, fence, promotion, following.
 *
 * @see <a href="https://www.postgresql.org/docs/current/warm-standby-failover.html">Failover</a>
 */
package org.pgrunbook.replication;
