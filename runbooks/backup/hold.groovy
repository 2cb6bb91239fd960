/**
 * Keep a backup, whatever the retention says, until a time or until it is released.
 *
 * What is held is the backup with the WAL that makes it one: it can be restored as of its end. To hold a later moment,
 * take a backup then. Holding it again changes the reason and the end.
 */
@Target Cluster cluster
@Param(value = 'the backup to hold', required = true)                 String backup
@Param(value = 'why, for whoever asks in a year', required = true)    String reason
@Param('when the hold ends by itself; never unless given')            Instant until

step('lay the hold') { cluster.repository.hold(backup, reason, until) }
note "$backup is held" + (until ? " until $until" : '') + ": $reason"
