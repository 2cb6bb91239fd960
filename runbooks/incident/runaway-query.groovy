/**
 * Find statements that have been running for too long; with severity=critical cancel them.
 *
 * Only statements of clients count. A walsender and an autovacuum worker are active for as long as
 * they live, a session that waits for a lock is no culprit (see incident/blocking-chain), and an index
 * build, a dump or a backup is expected to take long. The same as incident/slow-queries.
 *
 * Symptom: the processors or the disks are busy, everything is slower than usual.
 *
 * May: cancel statements, after asking; end the session of one that takes no notice, after asking
 * again. A session that has gone on to another statement is left alone, and so is one that the
 * inventory protects.
 *
 * Threshold in the inventory: query (5min).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                   Node node
@Param('warning only looks, critical also cancels')                                              Severity severity = Severity.WARNING
@Param(value = 'only the statement of this process', min = '1')                                  Integer pid
@Param(value = 'how long is too long; the threshold unless given', min = '0s', max = '365 days') Duration longer

def server = node ?: cluster.formerPrimary
def limit = longer ?: cluster.thresholds.query()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def activity = step('take a picture of all processes') { server.activity(cluster.protection) }
def runaway = step('1. which statements run for too long?') { activity.runawayQueries(limit) }
if (runaway.queries()) { table runaway.lines() } else { note 'none' }

step('2. is it one query, or are all slow?') {
    def active = activity.all().findAll { it.state() == 'active' && it.kind() == 'client backend' }
    note "${runaway.queries().size()} of ${active.size()} active ones run for longer than ${Durations.show(limit)}"
}
step('3. do they work, or wait for something?') {
    table activity.all().findAll { it.state() == 'active' && it.kind() == 'client backend' }
        .countBy { it.waits() ?: 'working' }.collect { what, count -> [what: what, count: count] }
}
step('4. how would the server carry out the longest one?') {
    runaway.queries().take(1).each { longest -> note server.plan(longest).join('\n') }
}

def finding = step('the finding') { runaway.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def again = "$finding.next -p severity=critical" + (pid ? " -p pid=$pid" : '') + (longer ? " -p longer=$longer" : '')
table([
    new Rung('refresh the statistics of its tables, if the plan above is a bad one', 'reads the tables', 'ANALYZE name;'),
    new Rung('cancel the statements', 'their clients get an error', again),
    new Rung('limit statements of the role from now on', 'reports that need longer; only new sessions',
        "ALTER ROLE name SET statement_timeout = '5min';")])

if (severity == Severity.WARNING) {
    return
}
def chosen = runaway.cancellable().findAll { pid == null || it.pid() == pid }
refuseIf !chosen, pid ? "process $pid runs no such statement" : 'no statement may be cancelled: all of them are protected'
confirm server, "Cancel ${chosen.size()} statements: ${chosen*.inWords().join(', ')}?"
step('cancel them') { table server.cancel(chosen, cluster.protection) }

def stubborn = step('wait until they have ended') {
    try {
        waitUntil('they have ended', 10.seconds) { !RunawayQueries.stillRunning(chosen, server.activity(cluster.protection)) }
    } catch (Problem e) {
        note e.fact()
    }
    RunawayQueries.stillRunning(chosen, server.activity(cluster.protection))
}
if (stubborn) {
    confirm server, "End the sessions that take no notice: ${stubborn*.inWords().join(', ')}?"
    step('end their sessions') { table server.end(stubborn, cluster.protection) }
    def after = step('look again') { RunawayQueries.stillRunning(stubborn, server.activity(cluster.protection)) }
    refuseIf !after.empty, "still running: ${after*.pid().join(', ')}"
}
note "${chosen.size()} statements have ended"
