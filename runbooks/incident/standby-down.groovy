/**
 * Find out why a standby does not answer; with severity=critical start it again.
 *
 * Without it there is one copy less to fail over to, and its slot on the primary keeps WAL until it comes
 * back. A former primary is no standby: what it has alone may have to be taken back first, which is
 * replication/rejoin.
 *
 * Symptom: reads from a standby fail; a node is missing in pg_stat_replication.
 *
 * May: start the server of the standby, after asking, if its host answers, no process of it runs, and its
 * data directory says that it is a standby. It waits until it streams.
 */
@Target Cluster cluster
@Param('the standby; the one that does not answer unless given')                    Node node
@Param('warning only looks, critical also starts')                                  Severity severity = Severity.WARNING
@Param(value = 'how long it may take until it streams', min = '1s', max = '7 days') Duration patience = 2.minutes

def primary = cluster.primary
def silent = cluster.topology.standings().findAll { it.unknown && it.node() != primary }*.node()
refuseIf !node && silent.size() > 1, "${silent.join(', ')} do not answer: name one, such as -p node=${silent.find()}"
def standby = node ?: silent.find()
if (!standby) {
    note 'every node answers'
    return
}
refuseIf standby == primary, "$standby is the primary"

def evidence = step('keep the evidence') { primary.evidence }
note "kept in the journal: $evidence"
def standing = cluster.topology.of(standby)
note "1. does it answer? ${standing.unknown ? standing.remark() : 'yes'}"
def state = step('2. does its host answer, and does a process of it run?') {
    try {
        standby.postmaster.running ? 'running' : 'down'
    } catch (Problem e) {
        "out of reach: ${e.fact()}".toString()
    }
}
note state == 'running' ? 'its server runs' : state == 'down' ? 'its host answers, and no process of its server runs' : "its host is $state"
def reachable = state in ['running', 'down']
step('3. what did it say last?') {
    note reachable ? standby.postmaster.endOfLog() ?: 'look into its log' : 'nobody can tell'
}
step('4. are its disks full?') { note reachable ? standby.ssh.read('df', '-P', '-k').text() : 'nobody can tell' }
step('5. what does the primary keep for it?') {
    def slots = primary.inactiveSlots(cluster.thresholds.slotRetained()).slots().findAll { it.slot() == standby.name }
    if (slots) { table slots } else { note 'nothing by a slot of its name' }
}
def mine = reachable && step('6. is it a standby by what its data directory says?') {
    standby.ssh.run(Command.probe('test', '-e', "$standby.postmaster.data/standby.signal").accept(0, 1)).exit() == 0
}

String what = state == 'down' ? 'its host is well, and its server does not run'
    : state == 'running' ? 'its server runs, and does not let us in' : "its host is $state"
def finding = step('the finding') {
    standing.unknown ? Finding.of(Verdict.WARN, 'standby-down', standby, what) : Finding.ok('standby-down', standby, 'it answers')
}
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
table([
    state == 'down'
        ? mine ? new Rung('start it', 'nothing', "$finding.next -p severity=critical")
            : new Rung('bring the former primary back', 'what it has alone', "pgrunbook run replication/rejoin $cluster -p node=$standby.name")
        : new Rung(state == 'running' ? 'wait, if it recovers; read its log' : 'see to its host', 'nothing', '-'),
    new Rung('if it never comes back: drop its slot, before the disk of the primary is full', 'it has to be built anew',
        "pgrunbook run replication/remove-standby $cluster -p node=$standby.name"),
    new Rung('build another one', 'the network and the disks are busy', "pgrunbook run replication/create-standby $cluster -p node=NODE")])

if (severity == Severity.WARNING) {
    return
}
refuseIf !reachable, "the host of $standby is $state"
refuseIf state == 'running', "a server runs on $standby: it may be recovering, so it is left alone"
refuseIf !mine, "$standby is no standby by what its data directory says: pgrunbook run replication/rejoin $cluster -p node=$standby.name"
confirm standby, "Start the server of $standby?"
step('start it, and see it stream') { standby.startFollowing(primary, patience) }
note "$standby streams from $primary"
