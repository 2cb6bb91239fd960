/**
 * The newest backup is too old, or the WAL after it does not come into the repository: find out how much would be lost
 * now, and why; with severity=critical bring the WAL in.
 *
 * What would be lost with the servers is what was committed after the newest moment that can be restored. That moment
 * is as new as the last WAL in the repository, as long as none is missing between it and a backup. So WAL comes first, for
 * it takes a moment; a new base backup takes its time, and ends every gap.
 *
 * Symptom: pgrunbook doctor or the monitoring says backup-too-old; nobody has seen a backup succeed for days.
 *
 * May: close the open WAL segment and ship all WAL that waits, as backup/ship-wal does. It takes no backup, for that is a
 * load: it names the command. It deletes nothing.
 *
 * Thresholds in the inventory: backupAge (26h), recoveryPoint (1h).
 */
@Target Cluster cluster
@Param('warning only looks, critical also ships the WAL')                                 Severity severity = Severity.WARNING
@Param(value = 'how old the newest restorable moment may be; the threshold unless given', min = '0s', max = '3650 days') Duration limit
@Param(value = 'how long to wait for the WAL to be archived', min = '1s', max = '7 days') Duration patience = 5.minutes

def server = cluster.primary
def repository = cluster.repository

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def state = step('1. which backups are there, and are they complete?') { repository.recoverability }
if (state.backups()) {
    table state.backups().collect { [backup: it.backup(), ended: it.ended().orElse(null), state: it.state(), held: it.held().orElse('')] }
} else {
    note 'there is none'
}
step('2. how far do they lead, and is WAL missing in between?') {
    if (state.windows()) { table state.windows() }
    if (state.gaps()) { table state.gaps() } else { note 'no WAL is missing' }
}
def archiving = step('3. does the server archive its WAL?') { server.archiving(cluster.thresholds.archiveWaiting()) }
note archiving.finding().finding()
def spooled = step('4. does WAL wait to be shipped?') { server.spooled(repository) }
note spooled ? "${spooled.size()} files wait in the spool of $server, from ${spooled.first()} on: does the job still run that ships them?" : 'none waits'
step('5. was a backup begun that never ended?') {
    if (state.unfinished()) { table state.unfinished() } else { note 'no' }
}

def ended = state.backups().findAll { it.state() == Recoverability.COMPLETE }.collect { it.ended().orElse(null) }
def newest = state.newest().orElse(null)
def backup = step('the finding: the backup') { cluster.backupAge(ended ? ended.max() : null, now()).finding() }
def point = step('the finding: what would be lost') { cluster.recoveryPoint(newest?.to(), newest?.lastWal(), now(), limit).finding() }
table([backup, point])
if (backup.verdict() == Verdict.OK && point.verdict() == Verdict.OK && state.whole) {
    return
}
String again = "pgrunbook run backup/base-backup $cluster"
table([
    archiving.finding().verdict() == Verdict.OK ? new Rung('the server archives its WAL', 'nothing', '-')
        : new Rung('let the server archive again: without that nothing helps', 'see there', archiving.finding().next()),
    new Rung('ship what waits, up to now', 'nothing', "pgrunbook run incident/backup-too-old $cluster -p severity=critical"),
    new Rung('let somebody ship it every minute', 'nothing', "pgrunbook run backup/ship-wal $cluster"),
    new Rung(state.whole ? 'take a new backup' : 'take a new backup: no restore leads over a gap', 'the disks and the network are busy', again),
    new Rung('take it every night', 'the same', 'docs/scheduling.md')])

if (severity == Severity.WARNING) {
    return
}
refuseIf archiving.finding().verdict() != Verdict.OK, "${archiving.finding().finding()}; see to it first: ${archiving.finding().next()}"
step('ship the WAL up to now') {
    holding(cluster.wal, patience) { server.shipCurrentWal(repository, 2, patience) }
}
def after = step('look again') {
    def window = repository.recoverability.newest().orElse(null)
    cluster.recoveryPoint(window?.to(), window?.lastWal(), now(), limit).finding()
}
if (backup.verdict() != Verdict.OK || after.verdict() != Verdict.OK || !state.whole) {
    warn "now: $again"
}
note after.finding()
