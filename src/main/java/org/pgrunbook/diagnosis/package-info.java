/**
 * What PostgreSQL says of its own health, and the careful ending of sessions. Whoever asks needs no
 * more than the role pg_monitor; whoever ends sessions needs pg_signal_backend too.
 */
package org.pgrunbook.diagnosis;
