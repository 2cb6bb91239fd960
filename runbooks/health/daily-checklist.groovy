/**
 * The checks of the day: all that incident/triage looks for, and what is no incident yet. It changes nothing.
 *
 * Every check ends in ok, warn, crit, or unknown, which is no good news; the worst comes first, with the
 * command to run next. Besides the incidents it looks at the newest backup, at how much would be lost with the
 * servers, and whether pages have checksums. It fails (1) if anything is critical. Monitoring systems ask it by
 * "pgrunbook doctor CLUSTER --monitor".
 *
 * Thresholds in the inventory: all of them, and backupAge (26h) and recoveryPoint (1h).
 */
@Target Cluster cluster

def found = step('look at all nodes') { cluster.checkup }
def backup = step('look for the newest backup') {
    if (cluster.spec().repository().empty) {
        return cluster.backupAgeUnknown('the inventory names no repository of it')
    }
    try {
        def ended = cluster.repository.backups()*.stopTime()
        cluster.backupAge(ended ? ended.max() : null, now())
    } catch (Problem e) {
        cluster.backupAgeUnknown(e.fact())    // what is known of the nodes is worth showing all the same
    }
}
def point = step('look how far a restore would lead') {
    if (backup.newest() == null) {
        return null    // told already
    }
    try {
        def newest = cluster.repository.recoverability.newest().orElse(null)
        cluster.recoveryPoint(newest?.to(), newest?.lastWal(), now(), null).finding()
    } catch (Problem e) {
        new Finding(Verdict.UNKNOWN, 'backup-too-old', null, "nobody can tell how far a restore would lead: ${e.fact()}", null)
    }
}
def all = step('sum up') { point ? found.with(backup).with(point) : found.with(backup) }
if (all.wrong()) { table all.wrong() } else { note 'nothing is wrong' }
table all.fine()
step('is anything critical?') { all.requireNothingCritical() }
