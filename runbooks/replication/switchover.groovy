/**
 * Let a standby take over from a healthy primary. Nothing is lost; sessions on the primary are ended.
 *
 * Everything that could stand in its way is looked at first. The primary writes a checkpoint, is stopped, and only when its
 * very last record has been applied by the standby is that promoted. The old primary comes back as a standby, and the others
 * follow the new one. Whatever goes wrong before the promotion, the old primary takes writes again.
 */
@Target Cluster cluster
@Param('the standby to promote; the most advanced one unless given')                                         Node standby
@Param(value = 'refuse if it has more WAL than this yet to apply', min = '0')                                DataSize maxLag = 16.MB
@Param(value = 'refuse if a transaction is older: it would be cut off', min = '0s', max = '7 days')          Duration maxTransaction = 60.seconds
@Param('go on although logical slots are lost: their readers skip WAL')                                      Boolean loseSlots = false
@Param('"ignore": the poolers are taken care of by somebody else')                                           String poolers
@Param(value = 'how long poolers hold their clients back at most', min = '1s', max = '10min')                Duration pause = 30.seconds
@Param(value = 'how long poolers may wait until transactions have ended', min = '100ms', max = '10min')      Duration drain = 5.seconds
@Param(value = 'how long a checkpoint, a stop, a promotion or a start may take', min = '1s', max = '7 days') Duration patience = 60.seconds
@Param('change the roles in the inventory files')                                                            Boolean writeInventory = false

lock cluster.roles
lock cluster.backup    // a base backup would be cut off

def primary = step('ask which node is the primary') { cluster.primary }
def candidate = step('choose the standby to promote') {
    def ranking = cluster.rankStandbys(primary)
    standby ? ranking.of(standby).node() : ranking.best.node()
}
def others = cluster.standbys.findAll { it != candidate }
def bouncers = poolers == 'ignore' ? [] : cluster.poolers

def preflight = step('look at everything that could stand in the way') {
    cluster.preflight(candidate, maxLag, maxTransaction, loseSlots, bouncers)
}
table preflight.checks()
step('judge it') { preflight.requirePassed() }
confirm cluster, "Promote $candidate in place of $primary? All sessions on $primary are ended."

def slots = step("look which slots $candidate lacks for those that will follow it") { candidate.slotsLacking(primary, others) }
undo("drop the slots on $candidate") { candidate.dropSlots(slots) }
step("let $candidate keep WAL for them") { candidate.reserveSlots(slots) }
step('write a checkpoint, so that the stop is short') { primary.checkpoint(patience) }

if (bouncers) undo("let the poolers' clients go on") { parallel(bouncers) { it.resume() } }
undo("let $primary take writes again") { primary.takeWritesAgain(patience) }
step("make $primary a standby from its next start on") { primary.markAsStandby() }
if (bouncers) {
    step("let the poolers hold their clients back") { parallel(bouncers) { it.pause(primary, pause, drain) } }
}
def stopped = now()
def last = step('stop the primary') { primary.stopCleanly(patience) }
step("prove that $candidate has everything") {
    waitUntil("$candidate has applied the last record, at $last", patience) { candidate.hasApplied(last) }
}
step('promote the standby') { pointOfNoReturn { candidate.promote(patience) } }
step('prove that it takes writes') { candidate.proveLocalWrite(10.seconds) }
def told = !bouncers ? [] : step('lead the clients of the poolers to it') { parallel(bouncers) { it.pointTo(candidate, primary) } }
if (bouncers) {
    step("let the poolers' clients go on") { parallel(bouncers) { it.resume() } }
}
measure 'without a primary', Duration.between(stopped, now())
def heard = !cluster.hasPromotedHook() ? [] : step('call the hook that tells others of it') {
    [cluster.tellOfPromotion(candidate, primary)]
}

def followers = step('make the other standbys follow it') {
    parallel(others) { it.follow(candidate, patience) }
}
def former = step("let $primary come back as a standby") { primary.comeBack(candidate, others, patience) }
step('see whether commits are confirmed') { candidate.proveWrite(5.seconds) }
if (cluster.spec().repository().present && cluster.spec().spool().present) {
    step("ship what $primary has archived") {
        holding(cluster.wal, patience) { primary.shipWal(cluster.repository, 2) }
    }
}
step('say what is left to do') { table cluster.repairs(primary, candidate, [*followers, former], [*told, *heard]) }

def edit = cluster.inventoryEdit(candidate).text()
if (edit && writeInventory) {
    step('change the roles in the inventory') { cluster.writeRoles(candidate) }
} else if (edit) {
    note "edit the inventory, or let replication/write-roles do it:\n$edit"
}
