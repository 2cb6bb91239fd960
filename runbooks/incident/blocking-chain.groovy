/**
 * Find who is in the way of sessions that wait for locks; with severity=critical end that one.
 *
 * Only the root of the tree is worth ending: it is in the way of others and waits for nobody. If it
 * carries out a statement, that is cancelled first; it is ended if that is not enough, or if it sits
 * idle in a transaction.
 *
 * Symptom: statements hang that are fast by themselves; lock timeouts; a wait_event_type of Lock.
 *
 * May: cancel the statement of the one root, or end its session, after asking, and only if somebody
 * still waits for it at that moment. Never who waits, never a server's own process.
 *
 * Threshold in the inventory: lockWait (1min).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                           Node node
@Param('warning only looks, critical also acts')                                                         Severity severity = Severity.WARNING
@Param(value = 'which root to end; the one with the most behind it unless given', min = '1')             Integer pid
@Param(value = 'how long is too long to wait; the threshold unless given', min = '0s', max = '365 days') Duration longer

def server = node ?: cluster.formerPrimary
def limit = longer ?: cluster.thresholds.lockWait()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def tree = step('take a picture of all processes') { server.activity(cluster.protection).blockingTree(limit) }

step('1. who waits for whom?') {
    if (tree.lines()) { table tree.lines() } else { note 'nobody waits' }
}
step('2. what do the roots do, and how many wait behind each?') {
    tree.roots().each { note "${it.inWords()}: ${tree.behind(it).size()} behind it; ${it.statement()}" }
}
step('3. is a prepared transaction in the way?') {
    note tree.prepared ? 'yes: it has no process that could be ended' : 'no'
}

def finding = step('the finding') { tree.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def root = pid ? tree.root(pid) : tree.worst()
refuseIf !root && pid, "process $pid is no root: it waits itself, or nobody waits for it"
def again = "$finding.next -p severity=critical" + (pid ? " -p pid=$pid" : '') + (longer ? " -p longer=$longer" : '')
table([
    new Rung('wait, if the root does needed work that ends soon', 'nothing', '-'),
    new Rung('if a table change queues in between, cancel that first', 'the migration fails', finding.next().replace('blocking-chain', 'lock-queue')),
    tree.prepared
        ? new Rung('commit or roll back the prepared transaction', 'see there', finding.next().replace('blocking-chain', 'prepared-transactions'))
        : new Rung('end what is in the way', 'its statement fails, or its work is rolled back', again)])

if (severity == Severity.WARNING) {
    return
}
refuseIf !root, 'there is no session in the way that could be ended'
refuseIf root.leftAlone(), "${root.inWords()} is protected"
refuseIf root.kind() != 'client backend', "${root.inWords()} is a process of the server itself"

def waiting = tree.behind(root)
confirm server, "End what keeps ${waiting.size()} waiting: ${root.inWords()}? What it does is rolled back."
def helped = false
if (root.state() == 'active') {
    def told = step('cancel its statement') { server.cancelBlocker(root, waiting, cluster.protection) }
    table told
    helped = step('has that helped?') {
        try {
            waitUntil('nobody waits for it', 5.seconds) {
                !server.activity(cluster.protection).blockingTree(limit).root(root.pid())
            }
        } catch (Problem e) {
            note e.fact()
            false
        }
    }
}
if (!helped) {
    step('end its session') { table server.endBlocker(root, waiting, cluster.protection) }
}
def after = step('look again') { server.activity(cluster.protection).blockingTree(limit) }
refuseIf after.root(root.pid()) != null, "${root.inWords()} is still in the way"
note "nobody waits for ${root.pid()} any more; ${after.activity().waiting().size()} wait for others"
