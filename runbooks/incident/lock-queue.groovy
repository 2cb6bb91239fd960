/**
 * Find a request for a table's lock that waits and holds up everybody behind it; with
 * severity=critical cancel the request.
 *
 * A change of a table needs a lock that gets along with nothing. While it waits for one long reader,
 * every new reader waits behind it. To cancel the change is the mildest cure: it can be tried again,
 * with a short lock_timeout; the reader in front and the readers behind it go on.
 *
 * Symptom: all statements on one table hang though nothing heavy runs; it began with a migration.
 *
 * May: cancel the statement that asks for the lock, after asking, and only if somebody still waits
 * for it at that moment. Never who has the lock, never who waits behind.
 *
 * Threshold in the inventory: lockWait (1min).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                           Node node
@Param('warning only looks, critical also cancels')                                                      Severity severity = Severity.WARNING
@Param(value = 'how long is too long to wait; the threshold unless given', min = '0s', max = '365 days') Duration longer

def server = node ?: cluster.formerPrimary
def limit = longer ?: cluster.thresholds.lockWait()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def queues = step('take a picture of all processes') { server.activity(cluster.protection).lockQueues(limit) }
def worst = queues.worst()

step('1. which statement asks for the lock?') {
    note worst ? "${worst.request().inWords()}: ${worst.request().lock()}; ${worst.request().statement()}" : 'none that others wait for'
}
step('2. who is in front of it, and who behind?') {
    if (worst) { table LockQueues.lines(worst) } else { note 'nobody' }
}

def finding = step('the finding') { queues.finding() }
table finding
if (finding.verdict() == Verdict.OK || worst == null) {
    return
}
def request = worst.request()
def again = "$finding.next -p severity=critical" + (longer ? " -p longer=$longer" : '')
table([
    new Rung('cancel the statement that asks for the lock', 'the migration fails; try it again later', again),
    new Rung('end who is in front', 'its statement fails, or its work is rolled back', finding.next().replace('lock-queue', 'blocking-chain')),
    new Rung('run the migration with a limit, and again until it succeeds', 'nothing', "SET lock_timeout = '1s';")])

if (severity == Severity.WARNING) {
    return
}
refuseIf request.leftAlone(), "${request.inWords()} is protected"
refuseIf request.kind() != 'client backend', "${request.inWords()} is a process of the server itself, and gives way by itself"
confirm server, "Cancel the statement of ${request.inWords()}: ${request.statement()}?"
def told = step('cancel it') { server.cancelBlocker(request, worst.behind(), cluster.protection) }
table told
refuseIf told.told().empty, "${request.pid()} went on, or nobody waits for it any more; nothing was cancelled"
step('wait until those behind it go on') {
    waitUntil('nobody queues behind it', 10.seconds) {
        def now = server.activity(cluster.protection).lockQueues(limit).worst()
        now == null || now.request().pid() != request.pid()
    }
}
note "nobody waits for ${request.pid()} any more"
