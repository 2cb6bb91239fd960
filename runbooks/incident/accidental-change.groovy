/**
 * Rows were deleted, or a table dropped, by mistake: find the moment in the WAL, and the command that restores the
 * state just before it onto a spare; with severity=critical bring what that needs into safety.
 *
 * A commit cannot be taken back, but the WAL says to the transaction when it was, and a backup leads to just before
 * it. Restore that onto a spare, never over the cluster: what was right since then would be lost. From there the rows
 * are copied back. A standby that applies its WAL late may not have come to it yet: pause it at once.
 *
 * Only somebody who misses the rows knows that it was a mistake: incident/triage cannot find it, and names other incidents
 * alone. Start this playbook by itself.
 *
 * Symptom: rows or whole tables are missing since a deployment, a script, or a statement typed by hand.
 *
 * May: ship the WAL up to now, and hold the backup that leads there, with all WAL after it, so that nothing of it
 * expires. It restores nothing, and writes into no table.
 */
@Target Cluster cluster
@Param('warning only looks, critical also ships the WAL and holds the backup')                     Severity severity = Severity.WARNING
@Param('when all was still well; an hour ago unless given')                                        Instant since
@Param('when it had happened; now unless given')                                                   Instant until
@Param('the transaction that did it; with critical this or time is needed')                        String xid
@Param('the last good moment, if nobody knows the transaction')                                    Instant time
@Param(value = 'from how many rows on, deleted or updated, a transaction is suspected', min = '1') Integer rows = 100
@Param(value = 'how long to hold the backup', min = '1h', max = '3650 days')                       Duration hold = 30.days
@Param(value = 'how long to wait for the WAL to be archived', min = '1s', max = '7 days')          Duration patience = 5.minutes

def server = cluster.primary
def repository = cluster.repository

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
step('1. is there a standby that has not come to it yet?') {
    def late = cluster.standbys.findAll { it.setting('recovery_min_apply_delay') != '0' }
    late.each { warn "$it applies its WAL ${it.setting('recovery_min_apply_delay')} late: pause it at once, SELECT pg_wal_replay_pause();" }
    note late ? "${late.size()} applies late" : 'no: all apply at once'
}
def found = step('2. which transactions took rows or tables away?') { repository.suspects(since ?: now().minus(1.hours), until ?: now(), rows) }
def named = step('3. of which tables?') { server.lostRows(found.transactions()) }
if (named) { table named } else { note "none since ${found.since()} took away $rows rows, or a table" }
note "the WAL in the repository reaches to ${found.reaches() ?: 'no transaction at all'}; to bring in what was done since: pgrunbook run backup/ship-wal $cluster -p current=true"

def worst = named.find { it.xid() == found.worst()?.xid() }
def chosen = xid ?: time ? null : worst?.xid()?.toString()
def plan = step('4. which backup leads to just before it?') {
    if (!chosen && !time) {
        return null
    }
    try {
        repository.planRestore(RecoveryTarget.of(time, null, null, chosen, false, time != null), null, null, [])
    } catch (Problem e) {
        warn e.fact()
        null
    }
}
if (plan) { table plan.summary() }

def finding = step('the finding') { cluster.accident(named, chosen, time) }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
String again = "pgrunbook run incident/accidental-change $cluster -p severity=critical -p ${time ? "time=$time" : "xid=$chosen"}"
table([
    new Rung('let nobody write into the tables, nor run the script again', 'the application', 'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON name FROM role;'),
    new Rung('bring what the restore needs into safety: ship the WAL, hold the backup', 'nothing', again),
    new Rung('restore the state just before it onto a spare', 'nothing on the cluster', finding.next),
    new Rung('copy the rows back from there, into a table beside; compare; then merge', 'what was written since, if it is not compared', 'pg_dump --data-only --table=name')])

if (severity == Severity.WARNING) {
    return
}
refuseIf !xid && !time, "nothing says which transaction it was; name it, such as -p xid=${chosen ?: 'NUMBER'}, or the last good moment: -p time=..."
step('ship the WAL up to now') {
    holding(cluster.wal, patience) { server.shipCurrentWal(repository, 2, patience) }
}
def sure = step('choose the backup, and prove that its WAL leads there') {
    repository.planRestore(RecoveryTarget.of(time, null, null, chosen, false, time != null), null, null, [])
}
step('hold the backup with all later WAL') {
    repository.hold(sure.backup.id, "accidental change: ${sure.target}", now().plus(hold), true)
}
note "$sure.backup.id is held until ${now().plus(hold)}; end that with: pgrunbook run backup/release $cluster -p backup=$sure.backup.id"
note "now: $finding.next"
