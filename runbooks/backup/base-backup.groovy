/**
 * Take a full base backup of a cluster into its repository, from its primary or from a standby.
 *
 * The server goes on working. Files are read on the host by several processes, compressed there, and streamed into the
 * repository; nothing is stored in between. The backup counts only once all WAL that it needs is in the repository too.
 * That comes from the primary in any case. What a backup that was interrupted has stored is not sent again where the host
 * proves, by its sum, that it is what would be sent now.
 *
 * With checks=inline archives are unpacked on this machine while they pass: each file gets a CRC-32C in the manifest, and the
 * checksum of each page is computed if the cluster has any. Pages that were damaged on the server's disk are named, with
 * exit 1; the backup is there all the same, marked, and does not count when backups expire. By default backup/verify does
 * that work, later, and finds what the store has spoilt as well.
 */
@Target Cluster cluster
@Param('the standby to read the files from; the primary unless given')                            Node from
@Param(value = 'refuse a standby that has more WAL than this to replay', min = '0')               DataSize maxLag = 1.GB
@Param(value = 'how many processes read and compress on the host at once', min = '1', max = '64') Integer processes = 2
@Param(value = 'how hard to compress, 1 (fast) to 19', min = '1', max = '19')                     Integer level = 3
@Param(value = 'bytes a second that may travel, compressed and all together; no limit unless given', min = '1kB') DataSize maxRate
@Param('when files and pages are looked at: by backup/verify, or on their way, inline')            Checking checks = Checking.VERIFY
@Param(value = 'how long to wait for the WAL to be archived', min = '1s', max = '7 days')         Duration patience = 10.minutes

lock cluster.backup

def plan = step('look at the servers, the archiving and the repository') {
    (from ?: cluster.primary).planBackup(cluster.repository, maxLag)
}
def left = step('look for what an interrupted backup has left') { cluster.repository.interrupted }
if (left.archives()) {
    note "${left.backups().join(', ')} has left ${left.archives()} archives ($left.stored): what is proved to be the same is not sent again"
}
def backup = step('copy the files while the server works') {
    plan.take(cluster.repository, left, processes, level, maxRate, checks)
}
step('ship the WAL without which the files are no backup') {
    holding(cluster.wal, patience) {
        if (from) { cluster.primary.shipCurrentWal(cluster.repository, processes, patience) }    // a standby closes no segment
        cluster.primary.shipWal(cluster.repository, backup, processes, patience)
    }
}
def damaged = step('tell damaged pages from those that the WAL writes anew') { cluster.repository.damagedPages(backup) }
step('write the manifest: from here on the backup exists') {
    cluster.repository.commit(backup, damaged)
}
table backup
step('judge the pages') { cluster.repository.requireSoundPages(backup, damaged) }
