/**
 * Let a standby take over from a healthy primary. Nothing is lost; sessions on the primary are ended.
 *
 * Everything that could stand in its way is looked at first. The primary writes a checkpoint, is stopped, and only when its
 * very last record has been applied by the standby is that promoted. The old primary comes back as a standby, and the others
 * follow the new one. Whatever goes wrong before the promotion, the old primary takes writes again.
 */
@Target Cluster cluster
@Param('the standby to promote; the most advanced one unless given')       Node standby
@Param('refuse if it has more WAL than this yet to apply')                 DataSize maxLag = 16.MB
@Param('refuse if a transaction is older: it would be cut off')            Duration maxTransaction = 60.seconds
@Param('go on although logical slots are lost: their readers skip WAL')    Boolean loseSlots = false
@Param('"ignore": the poolers are taken care of by somebody else')         String poolers
@Param('how long a checkpoint, a stop, a promotion or a start may take')   Duration patience = 60.seconds
@Param('change the roles in the inventory files')                          Boolean writeInventory = false

lock cluster.roles
lock cluster.backup    // a base backup would be cut off

def primary = step('ask which node is the primary') { cluster.primary }
def candidate = step('choose the standby to promote') {
    def ranking = cluster.rankStandbys(primary)
    standby ? ranking.of(standby).node() : ranking.best.node()
}
def others = cluster.standbys.findAll { it != candidate }

def preflight = step('look at everything that could stand in the way') {
    cluster.preflight(candidate, maxLag, maxTransaction, loseSlots)
}
table preflight.checks()
step('judge it') {
    preflight.requirePassed()
    refuseIf cluster.spec().poolers() && poolers != 'ignore', 'the cluster has poolers, which nobody would pause and point to the new primary; say -p poolers=ignore if somebody does'
}
confirm cluster, "Promote $candidate in place of $primary? All sessions on $primary are ended."

def slots = step("look which slots $candidate lacks for those that will follow it") { candidate.slotsLacking(primary, others) }
undo("drop the slots on $candidate") { candidate.dropSlots(slots) }
step("let $candidate keep WAL for them") { candidate.reserveSlots(slots) }
step('write a checkpoint, so that the stop is short') { primary.checkpoint(patience) }

undo("let $primary take writes again") { primary.takeWritesAgain(patience) }
step("make $primary a standby from its next start on") { primary.markAsStandby() }
def stopped = now()
def last = step('stop the primary') { primary.stopCleanly(patience) }
step("prove that $candidate has everything") {
    waitUntil("$candidate has applied the last record, at $last", patience) { candidate.hasApplied(last) }
}
step('promote the standby') { pointOfNoReturn { candidate.promote(patience) } }
step('prove that it takes writes') { candidate.proveWrite(10.seconds) }
measure 'without a primary', Duration.between(stopped, now())

def followers = step('make the other standbys follow it') {
    parallel(others) { it.follow(candidate, patience) }
}
def former = step("let $primary come back as a standby") { primary.comeBack(candidate, others, patience) }
if (cluster.spec().repository().present && cluster.spec().spool().present) {
    step("ship what $primary has archived") {
        holding(cluster.wal, patience) { primary.shipWal(cluster.repository, 2) }
    }
}
step('say what is left to do') { table cluster.repairs(primary, candidate, [*followers, former]) }

def edit = cluster.inventoryEdit(candidate).text()
if (edit && writeInventory) {
    step('change the roles in the inventory') { cluster.writeRoles(candidate) }
} else if (edit) {
    note "edit the inventory, or let replication/write-roles do it:\n$edit"
}
