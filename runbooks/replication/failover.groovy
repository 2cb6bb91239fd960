/**
 * Promote a standby after the primary has failed.
 *
 * The primary is down only if SQL, its host and its standbys say so. It is fenced before a standby is promoted, in a way
 * that survives a restart of its host, and stays out until it is rewound or cloned anew. If the primary is healthy this
 * refuses and changes nothing.
 *
 * What would be lost is read from the disk of the old primary. It cannot be known if that disk is lost, or the host is out
 * of reach: then the inventory's hook "fence" cuts it off, or you have done so and say it (fencedOtherwise), and you accept
 * whatever is lost (acceptUnknownLoss).
 */
@Target Cluster cluster
@Param('the standby to promote; the most advanced one unless given')           Node standby
@Param(value = 'refuse if more WAL than this would be lost', min = '0')        DataSize maxLoss = 0.MB
@Param('go on although nobody can know how much is lost')                      Boolean acceptUnknownLoss = false
@Param('the host of the old primary is out of reach, and you have cut it off') Boolean fencedOtherwise = false
@Param(value = 'how long a server or a host is waited for that does not answer', min = '1s', max = '5min')     Duration silence = 5.seconds
@Param(value = 'how long a standby may take to apply what it has received, and to open', min = '1s', max = '7 days') Duration patience = 60.seconds
@Param('"ignore": the poolers are taken care of by somebody else')              String poolers
@Param('change the roles in the inventory files')                              Boolean writeInventory = false

def begin = now()
lock cluster.roles

def evidence = step('gather evidence that the primary is down') { cluster.assess(silence) }
measure 'gathering the evidence', Duration.between(begin, now())
table evidence.signals
def old = evidence.node
step('judge the evidence') {
    evidence.requireDown(fencedOtherwise || cluster.hasFenceHook())
}

def ranking = step('rank the standbys') { cluster.rankStandbys(evidence) }
table ranking.candidates
def choice = step('choose the standby to promote') { standby ? ranking.of(standby) : ranking.best }
step('compare what would be lost with what may be') { choice.requireLossWithin(maxLoss, acceptUnknownLoss) }

def candidate = choice.node
confirm cluster, "Promote $candidate and lose ${choice.lossInWords()}? $old is fenced first and stays out until it is repaired."

if (evidence.hostReached) undo("let $old be started again") { old.unfence() }
def fencing = step('fence the old primary') { old.fence(evidence, cluster, fencedOtherwise) }
step('wait until the standby has applied what it received') {
    waitUntil("$candidate has applied its WAL", patience) { candidate.replay.done }
}
step('make sure that it still is the one to promote') {
    cluster.rankStandbys(evidence).of(candidate).requireLossWithin(maxLoss, acceptUnknownLoss)
}
step('promote the standby') { pointOfNoReturn { candidate.promote(patience) } }
step('prove that it takes writes') { candidate.proveLocalWrite(10.seconds) }
measure 'from command to first accepted write', Duration.between(begin, now())

def bouncers = poolers == 'ignore' ? [] : cluster.poolers
def told = !bouncers ? [] : step('lead the clients of the poolers to it') { parallel(bouncers) { it.pointTo(candidate, old) } }
def heard = !cluster.hasPromotedHook() ? [] : step('call the hook that tells others of it') {
    [cluster.tellOfPromotion(candidate, old)]
}

def others = cluster.standbys.findAll { it != candidate && it != old }
def followers = step('make the other standbys follow it') {
    parallel(others) { it.follow(candidate, patience) }
}
step('see whether commits are confirmed') { candidate.proveWrite(5.seconds) }
step('say what is left to repair') { table cluster.repairs(fencing, candidate, followers, [*told, *heard]) }

def edit = cluster.inventoryEdit(candidate).text()
if (edit && writeInventory) {
    step('change the roles in the inventory') { cluster.writeRoles(candidate) }
} else if (edit) {
    note "edit the inventory, or let replication/write-roles do it:\n$edit"
}
