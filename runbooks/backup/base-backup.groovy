/**
 * Take a full base backup of a cluster's primary into its repository.
 *
 * The server goes on working. Files are read on the host by several processes, compressed there, and streamed into the
 * repository; nothing is stored in between. The backup counts only once all WAL that it needs is in the repository too.
 */
@Target Cluster cluster
@Param('how many processes read and compress on the host at once') Integer processes = 2
@Param('how hard to compress, 1 (fast) to 19')                     Integer level = 3
@Param('how long to wait for the WAL to be archived')              Duration patience = 10.minutes

lock cluster.backup

def plan = step('look at the primary, its archiving and the repository') {
    cluster.primary.planBackup(cluster.repository)
}
def backup = step('copy the files while the server works') {
    plan.take(cluster.repository, processes, level)
}
step('ship the WAL without which the files are no backup') {
    holding(cluster.wal, patience) {
        cluster.primary.shipWal(cluster.repository, backup, processes, patience)
    }
}
step('write the manifest: from here on the backup exists') {
    cluster.repository.commit(backup)
}
table backup
