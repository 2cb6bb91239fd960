/**
 * Two nodes of a cluster take writes: find out since when, and who writes where; with severity=critical stop the one
 * that you name, for good.
 *
 * Each of them has commits that the other has not, and every minute makes it worse. Which of them is the right one no
 * program can know: most often it is where the applications write. The other is stopped first and repaired later. Never
 * rewind it before somebody has looked at what only it has.
 *
 * Symptom: rows appear and disappear between two looks; pgrunbook status shows two primaries; a failover was made while the
 * old primary lived.
 *
 * May: stop the server that is named with fence, after asking for its name, and keep it from starting as a primary again.
 * Its data directory stays as it is. It never chooses one by itself.
 */
@Target Cluster cluster
@Param('warning only looks, critical also stops one of them')            Severity severity = Severity.WARNING
@Param('the node to stop; needed with critical')                         Node fence

def found = step('1. who takes writes, since when apart, and for whom?') { cluster.splitBrain }
table found.writers()
found.writers().each { one ->
    def evidence = step("keep the evidence of ${one.node()}") { one.node().evidence }
    note "kept in the journal: $evidence"
}
step('2. how do the others stand?') { table cluster.status.tree }
step('3. where do the poolers send the applications?') {
    def poolers = cluster.poolerUse
    if (poolers) { table poolers } else { note 'the inventory has no pooler of this cluster' }
    note 'ask where a virtual address, or the name that the applications use, leads to'
}

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
table(found.writers().collect { one ->
    new Rung("if ${one.node()} is the wrong one: stop it, for good", "its clients are cut off: ${one.clients()}",
        "$finding.next -p severity=critical -p fence=${one.node()}")
} + [
    new Rung('look at what only the stopped one has, and copy what is wanted', 'nothing', 'pg_dump, from a copy of its data directory'),
    new Rung('then make it a standby of the other', 'what only it has, if nobody copied it', "pgrunbook run replication/rejoin $cluster -p node=NODE")])

if (severity == Severity.WARNING) {
    return
}
refuseIf !fence, "nothing says which node to stop; name it, such as -p fence=${found.writers().last().node()}, if that is the wrong one"
def wrong = found.on(fence)
refuseIf !wrong, "$fence takes no writes"
lock cluster.roles
confirm fence, "Stop $fence for good? Its clients are cut off, ${wrong.clients()} of them; what was committed only there${wrong.since() ? ", ${wrong.since()} of WAL," : ''} is on its disk alone."
undo("let $fence be started again") { fence.unfence() }
step("fence $fence") { fence.fenceWriter() }
def after = step('look again') { cluster.splitBrain }
refuseIf !after.well, after.finding().finding()
note "${after.finding().node()} is the only one to take writes"
warn "$fence has what nobody else has: copy what is wanted of it before: pgrunbook run replication/rejoin $cluster -p node=$fence"
