/**
 * Find sessions whose temporary files fill the disk; with severity=critical cancel their statements.
 *
 * A sort, a hash or a cursor that does not fit into work_mem goes to files in base/pgsql_tmp, or in the
 * tablespaces of temp_tablespaces. They are removed when the statement ends, if the disk is not full before:
 * then every statement that needs such files fails.
 *
 * Symptom: "could not write to file base/pgsql_tmp/...: No space left on device"; the disk fills and is
 * free again a minute later.
 *
 * May: cancel the statements of the sessions with more than the limit, or end such a session that sits idle
 * in a transaction with an open cursor, after asking. One that has gone on meanwhile is left alone, and so
 * is one that the inventory protects. It removes no files.
 *
 * Threshold in the inventory: tempSize (10GB).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                           Node node
@Param('warning only looks, critical also cancels')                                      Severity severity = Severity.WARNING
@Param(value = 'only the statement of this process', min = '1')                          Integer pid
@Param(value = 'how much one session may have; the threshold unless given', min = '1kB') DataSize limit

def server = node ?: cluster.formerPrimary
def most = limit ?: cluster.thresholds.tempSize()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def activity = step('take a picture of all processes') { server.activity(cluster.protection) }
def found = step('1. who has temporary files, and how much?') { server.tempFiles(activity, most) }
if (found.users()) { table found.lines() } else { note 'nobody' }
step('2. does it grow?') { note "${found.total()} before, ${server.tempFiles(activity, most).total()} now" }
step('3. how would the server carry out the largest one?') {
    def largest = found.users().find()?.session()
    note largest ? server.plan(largest).join('\n') : 'there is none'
}
step('4. is there a limit?') {
    def own = server.setting('temp_file_limit')
    note own == '-1' ? "no: temp_file_limit is not set; work_mem is ${server.setting('work_mem')}" : "yes, $own for each process (temp_file_limit)"
}
step('5. how much room is left?') { note evidence.disks().join('\n') }

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def again = "$finding.next -p severity=critical" + (pid ? " -p pid=$pid" : '') + (limit ? " -p limit=${limit.bytes()}" : '')
table([
    new Rung('wait, if it has nearly ended and there is room', 'nothing', '-'),
    new Rung('cancel the statements', 'their clients get an error', again),
    new Rung('limit what the role may write', 'its larger statements fail; only new sessions', "ALTER ROLE name SET temp_file_limit = '10GB';"),
    new Rung('give its statements more memory', 'work_mem for each sort and hash of each session', "ALTER ROLE name SET work_mem = '64MB';")])

if (severity == Severity.WARNING) {
    return
}
def chosen = found.endable().findAll { pid == null || it.pid() == pid }
refuseIf !chosen, pid ? "process $pid has no such files, or is protected" : 'no statement may be cancelled: all of them are protected, or no clients'
def idle = chosen.findAll { it.state() != 'active' }
def active = chosen - idle
confirm server, "End what writes so much: ${chosen*.inWords().join(', ')}? The clients get an error."
if (active) {
    step('cancel the statements') { table server.cancel(active, cluster.protection) }
}
if (idle) {
    step('end the sessions that keep a cursor open') { table server.end(idle, cluster.protection) }
}
def after = step('wait until the files are gone') {
    waitUntil('the files are gone', 30.seconds) {
        def now = server.tempFiles(server.activity(cluster.protection), most)
        now.tooMuch().any { it.pid() in chosen*.pid() } ? null : now
    }
}
note "${after.total()} of temporary files are left, before it was ${found.total()}"
