/**
 * Find sessions that sit idle in a transaction; with severity=critical end them.
 *
 * Such a session keeps its locks, and VACUUM keeps every row version that it might still want to see.
 * There is no statement to cancel: only its end helps, and what its transaction did is rolled back.
 *
 * Symptom: locks that nobody seems to use; tables that grow although autovacuum works.
 *
 * May: end sessions that sit idle in a transaction for too long, after asking. One that does anything
 * meanwhile is left alone, and so is one that the inventory protects.
 *
 * Threshold in the inventory: idleInTransaction (5min).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                   Node node
@Param('warning only looks, critical also ends sessions')                                        Severity severity = Severity.WARNING
@Param(value = 'how long is too long; the threshold unless given', min = '0s', max = '365 days') Duration longer

def server = node ?: cluster.formerPrimary
def limit = longer ?: cluster.thresholds.idleInTransaction()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def activity = step('take a picture of all processes') { server.activity(cluster.protection) }
def stuck = step('1. who sits idle in a transaction?') { activity.idleInTransaction(limit) }
if (stuck.sessions()) { table stuck.lines() } else { note 'nobody, for longer than the limit' }

step('2. whom do they keep waiting?') {
    if (stuck.waiting()) { table stuck.waiting()*.line() } else { note 'nobody waits for their locks' }
}
step('3. does VACUUM have to keep rows for them?') {
    def holds = stuck.sessions()*.holds().findAll { it != null }
    note holds ? "rows of the last ${holds.max()} transactions" : 'no'
}

def finding = step('the finding') { stuck.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def again = "$finding.next -p severity=critical" + (longer ? " -p longer=$longer" : '')
table([
    new Rung('ask the owner: is it a migration, a debugger, a pooler in session mode?', 'nothing', '-'),
    new Rung('end the sessions', 'their work is rolled back', again),
    new Rung('let the server end them from now on', 'applications that think in transactions; only new sessions',
        "ALTER ROLE name SET idle_in_transaction_session_timeout = '60s';")])

if (severity == Severity.WARNING) {
    return
}
def chosen = stuck.endable()
refuseIf !chosen, 'no session may be ended: all of them are protected'
confirm server, "End ${chosen.size()} of ${stuck.sessions().size()} sessions? What they did in their transactions is rolled back."
def ended = step('end them') { server.end(chosen, cluster.protection) }
table ended

def after = step('look again') { server.activity(cluster.protection).idleInTransaction(limit) }
refuseIf !ended.alive().empty, "told to end and still there: ${ended.alive()}"
note "${after.sessions().size()} still sit idle in a transaction for longer than ${Durations.show(limit)}, before it was ${stuck.sessions().size()}"
