/**
 * Find transactions that were prepared for a two-phase commit and then forgotten; with
 * severity=critical decide one.
 *
 * They keep their locks, and VACUUM from removing rows, through every restart and every failover. No
 * process belongs to them, so that none can be ended. Only their transaction manager knows what the
 * other databases of the transaction did: ask it first.
 *
 * Symptom: locks that no session holds; pg_blocking_pids answers 0; tables grow although autovacuum
 * works.
 *
 * May: commit or roll back the one that is named with gid, as outcome says, after asking, and only if
 * it still is the one that was looked at.
 *
 * Threshold in the inventory: prepared (5min).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                    Node node
@Param('warning only looks, critical also decides')                                               Severity severity = Severity.WARNING
@Param('the transaction to decide; needed with critical')                                         String gid
@Param('how to decide it; needed with critical')                                                  PreparedTransactions.Outcome outcome
@Param(value = 'how long one may wait; the threshold unless given', min = '0s', max = '365 days') Duration longer

def server = node ?: cluster.formerPrimary
def limit = longer ?: cluster.thresholds.prepared()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def found = step('1. which wait for a decision, whose are they, and since when?') { server.preparedTransactions(limit) }
if (found.all()) { table found.all() } else { note 'none' }
step('2. whom do they keep waiting?') {
    def tree = server.activity(cluster.protection).blockingTree(limit)
    if (tree.prepared) { table tree.lines() } else { note 'nobody waits for their locks' }
}

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK && !gid) {
    return
}
def name = gid ?: found.forgotten().find()?.gid()
table([
    new Rung('ask the transaction manager how it ended', 'nothing', '-'),
    new Rung('commit or roll back, as it says', 'if it is the wrong one, databases contradict each other',
        "pgrunbook run incident/prepared-transactions $cluster -p node=$server.name -p severity=critical -p gid='$name' -p outcome=rollback"),
    new Rung('if nobody uses two-phase commits, forbid them', 'a restart', 'ALTER SYSTEM SET max_prepared_transactions = 0;')])

if (severity == Severity.WARNING) {
    return
}
refuseIf !gid, "nothing says which one to decide; name it, such as -p gid='$name'"
refuseIf !outcome, 'nothing says how to decide it; give -p outcome=commit or -p outcome=rollback'
def chosen = found.named(gid)
refuseIf !chosen, "there is no prepared transaction \"$gid\""

confirm server, "${outcome == PreparedTransactions.Outcome.COMMIT ? 'Commit' : 'Roll back'} \"$gid\" of ${chosen.owner()}? The other databases of its transaction are not asked."
def decided = step('decide it') { server.decide(chosen, outcome) }
refuseIf !decided, "\"$gid\" has been decided meanwhile; nothing was changed"
def after = step('look again') { server.preparedTransactions(limit) }
refuseIf after.named(gid) != null, "\"$gid\" still waits"
note "\"$gid\" is decided; ${after.forgotten().size()} others wait for longer than ${Durations.show(limit)}"
