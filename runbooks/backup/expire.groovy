/**
 * Delete the backups that the retention no longer wants, and the WAL that no backup needs.
 *
 * Count and window both keep: deleted is only what neither wants, what nobody holds, and what is older than a sound
 * backup that stays. A window keeps the newest backup that ended before it, too, and all WAL from there on. What a backup
 * has left that was never finished goes as well, once nobody can be working on it. Nothing is deleted before you have
 * seen what, and agreed: on a schedule with --confirm=CLUSTER.
 */
@Target Cluster cluster
@Param(value = 'how many sound full backups to keep at least; as in the inventory unless given', min = '1') Integer full
@Param(value = 'how far back a restore must be possible; as in the inventory unless given', min = '0s', max = '36500 days') Duration window
@Param(value = 'from which age on an unfinished backup is abandoned', min = '0s', max = '3650 days')        Duration abandonedAfter = 2.days

lock cluster.backup
def repository = cluster.repository

def plan = step('decide what is kept') { repository.planExpiry(full, window, abandonedAfter) }
table plan.backups()
if (plan.unfinished()) { table plan.unfinished() }
table plan.wal()
if (plan.empty) {
    note 'there is nothing to delete'
    return
}
confirm cluster, "Delete $plan?"

plan.expired().each { id ->
    step("delete backup $id, its manifest first") { repository.expire(id) }
}
plan.unfinished().each { left ->
    step("delete what ${left.backup()} has left") { repository.deleteUnfinished(left.backup()) }
}
step('delete the WAL that no backup needs') { repository.expireWal(plan) }
