/**
 * Practise incident/split-brain: somebody has promoted a standby while the primary lived, and both take writes.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until one of them does
 * not run any more, and says how long that took. Afterwards that one is a standby again by replication/rejoin. Only on nodes
 * with the tag drill.
 */
@Target Cluster cluster
@Param('the standby to promote; the last one unless given') Node standby
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def primary = cluster.primary
def other = standby ?: cluster.standbys.last()
primary.drill
other.drill

def begin = now()
step('promote a standby') { other.promote(60.seconds) }
step('write on both') {
    [primary, other].each { it.proveWrite(30.seconds) }
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    waitUntil('only one of them runs', patience) { !primary.postmaster.running || !other.postmaster.running }
}
measure 'from incident to solution', Duration.between(begin, now())
