/**
 * Keep a backup, whatever the retention says, until a time or until it is released.
 *
 * What is held is the backup with the WAL that makes it one: it can be restored as of its end. With laterWal=true all WAL
 * after it is kept too, so that any later moment can be restored. Holding it again changes the reason, the end and that.
 */
@Target Cluster cluster
@Param(value = 'the backup to hold', required = true)                 String backup
@Param(value = 'why, for whoever asks in a year', required = true)    String reason
@Param('when the hold ends by itself; never unless given')            Instant until
@Param('keep all WAL after it too, for any later moment')             Boolean laterWal = false

step('lay the hold') { cluster.repository.hold(backup, reason, until, laterWal) }
note "$backup is held" + (laterWal ? ' with all later WAL' : '') + (until ? " until $until" : '') + ": $reason"
