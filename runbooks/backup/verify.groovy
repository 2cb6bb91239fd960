/**
 * Prove that backups are undamaged, by reading every object of them. It changes nothing.
 *
 * Each object's SHA-256 is compared with the manifest's; archives are unpacked in passing and their files compared with
 * the manifest's list; if the cluster has page checksums, every page's is computed. Then the WAL is read, record by
 * record, from the oldest of these backups on to the end of the archive. What is damaged or missing is named (exit 1).
 *
 * It reads all that is stored: give it the time and the network for that. Only a rehearsal proves more.
 */
@Target Cluster cluster
@Param('the backup to verify; the newest unless given')                    String backup
@Param('verify every backup')                                              Boolean all = false
@Param(value = 'how many objects are read at once', min = '1', max = '64') Integer processes = 2

def repository = cluster.repository

def chosen = step('choose what to verify') { repository.choose(backup, all) }
def backups = chosen.collect { id ->
    step("read every object of $id") { repository.verify(id, processes) }
}
def wal = step('read the WAL from the oldest of them to its end') { repository.verifyWal(chosen) }
table backups*.summary()
table wal.summary()

step('judge what was found') { repository.requireSound(backups.collectMany { it.damages() } + wal.damages()) }
note "finding: ${chosen.size() == 1 ? chosen.first() + ' is' : chosen.size() + ' backups are'} sound, and so is the WAL up to $wal.last" +
    (wal.lastCommit() ? "; the last commit in it is of ${wal.lastCommit()}" : '')
