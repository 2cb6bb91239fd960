/**
 * The checks of the day: all that incident/triage looks for, and what is no incident yet. It changes nothing.
 *
 * Every check ends in ok, warn, crit, or unknown, which is no good news; the worst comes first, with the
 * command to run next. Besides the incidents it looks at the newest backup, at damaged pages, at settings that
 * wait for a restart and at passwords that expire. It fails (1) if anything is critical. Monitoring systems
 * ask it by "pgrunbook doctor CLUSTER --monitor".
 *
 * Thresholds in the inventory: all of them, and backupAge (26h).
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
def all = step('sum up') { found.with(backup) }
if (all.wrong()) { table all.wrong() } else { note 'nothing is wrong' }
table all.fine()
step('is anything critical?') { all.requireNothingCritical() }
