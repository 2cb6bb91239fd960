/**
 * Restore a cluster from its repository onto a node, up to a point in time.
 *
 * The plan is made before anything is touched: which backup, which WAL, along which timeline. The server is started up to
 * the target and pauses there; only when it is proved that it stopped where it should, it is opened for writes. The copy
 * does not archive, replicate or subscribe: it never reaches into the cluster that it is a copy of.
 *
 * Give one of time, lsn, name, xid and immediate, or none for the end of the archive. A time needs its offset from UTC.
 * restore/plan shows, with the same parameters, what this would do.
 */
@Target Cluster cluster
@Param(value = 'the node to restore onto: a spare, or one whose data is moved aside', required = true)   Node onto
@Param('stop after the last commit at or before this time')                                              Instant time
@Param('stop at this position in the WAL')                                                               Lsn lsn
@Param('stop at this restore point')                                                                     String name
@Param('stop after this transaction')                                                                    String xid
@Param('stop where the backup ends, as soon as its data are consistent')                                 Boolean immediate = false
@Param('whether what lies exactly at a time, lsn or xid is still replayed')                              Boolean inclusive = true
@Param('the backup to begin with; found by the target unless given')                                     String backup
@Param(value = 'the timeline to follow; the newest of the backup unless given', min = '1')               Integer timeline
@Param('what to do with data that is there: refuse, move it aside, or replace only what differs: delta') Existing existing = Existing.REFUSE
@Param('OLD=/new/location for each tablespace that goes elsewhere')                                      List<String> tablespaces = []
@Param(value = 'how many processes unpack on the host at once', min = '1', max = '64')                   Integer processes = 2
@Param(value = 'how long recovery may take', min = '1s', max = '7 days')                                 Duration patience = 12.hours

def repository = cluster.repository
def target = RecoveryTarget.of(time, lsn, name, xid, immediate, inclusive)

def plan = step('choose the backup, and prove that its WAL leads to the target') {
    repository.planRestore(target, backup, timeline, tablespaces)
}
table plan.summary()
def ground = step('look at where it goes') {
    onto.lookAtGround(plan, existing)
}
if (ground.occupied) {
    lock cluster.roles
}
if (ground.occupied && existing == Existing.DELTA) {
    confirm onto, "Make what is in ${ground.occupied.join(' and ')} the files of $plan.backup.id, and remove what is not in it?"
    def wal = step('let no server start there, and keep its WAL beside') { ground.disarm(now()) }
    if (wal) { note "its WAL is in $wal" }
    table step('replace the files that differ') { onto.restoreDelta(plan, repository, processes) }
} else {
    if (ground.occupied) {
        confirm onto, "Move what is in ${ground.occupied.join(' and ')} aside and restore $plan.backup.id there?"
        step('move what is there aside') { ground.moveAside(now()) }
    }
    step('unpack the files')        { onto.restoreFiles(plan, repository, processes) }
}
step('fetch the WAL for recovery')  { onto.fetchWal(plan, repository, processes) }
step('write the recovery settings') { onto.configureRecovery(plan) }
step('make it startable')           { onto.makeStartable(plan, repository) }

def proof = step("recover up to $target") { onto.recover(plan, patience) }
step('prove that it stopped there') { onto.prove(plan, proof) }
step('open it for writes')          { onto.endRecovery(plan, patience) }
table proof

def copy = step('say where it is, and that it is detached') { onto.restoredCopy(plan) }
note "it listens on $copy.address: $copy.psql"
note "it is detached from $cluster: $copy.detached"
copy.next.each { note "next: $it" }
