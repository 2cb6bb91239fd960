/** Give a held backup back to the retention. It is deleted only by the next backup/expire, if that no longer wants it. */
@Target Cluster cluster
@Param(value = 'the backup to release', required = true) String backup

def was = step('take the hold away') { cluster.repository.release(backup) }
note was ? "$backup is released; it was held: $was" : "$backup was not held"
