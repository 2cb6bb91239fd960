/**
 * Bring a former primary, or a standby that has gone its own way, back as a standby.
 *
 * Its timeline history says whether it can follow the primary as it is. If not, it has WAL that the primary has not: that is
 * lost to the cluster, and told before anything is touched. It is taken back by pg_rewind, or the node is cloned anew where
 * that is not possible, from the primary or (from=repository) from the newest backup and its WAL; in either case what it had
 * is kept beside its data directory. Its configuration stays its own. The fence of a failover is taken away only at the end.
 */
@Target Cluster cluster
@Param(value = 'the node to bring back', required = true)                                   Node node
@Param('follow, rewind or clone; the gentlest that is possible unless given')               Way way
@Param('where the files come from, if it is cloned: the primary, or a backup in the repository') CopyFrom from = CopyFrom.PRIMARY
@Param('that backup; the newest unless given')                                              String backup
@Param(value = 'how many processes copy at once, if it is cloned', min = '1', max = '64')   Integer processes = 2
@Param(value = 'how long a start, a stop or a rewind may take', min = '1s', max = '7 days') Duration patience = 10.minutes

lock cluster.roles

def primary = step('ask which node is the primary') { cluster.primary }
refuseIf node == primary, "$node is the primary"

def found = step("compare its history with the primary's") { node.compareWith(primary) }
table found
def chosen = step('choose the way') { found.choose(way) }
refuseIf backup && from != CopyFrom.REPOSITORY, 'a backup is restored only with from=repository'

if (chosen == Way.FOLLOW && found.running()) {
    def follower = step('let it follow') { node.follow(primary, patience) }
    refuseIf !follower.streams(), follower.remark()
    return
}
def base = chosen != Way.CLONE || from != CopyFrom.REPOSITORY ? null : step('choose the backup') {
    cluster.repository.planStandby(primary, backup)
}
if (chosen == Way.CLONE) {
    step('look whether there is room for it') { base ? node.requireRoomFor(base) : node.requireRoomFor(primary) }
}
if (chosen != Way.FOLLOW) {
    confirm node, "Bring $node back by ${chosen.name().toLowerCase()}, and give up ${found.lossInWords()}?"
    step('stop what runs of it') { node.stop(patience) }
}

def spool = cluster.spec().spool().orElse(null)
if (spool && cluster.spec().repository().present) {
    step('save the WAL that nobody else has') {
        def saved = node.spoolUnarchived(found, spool)
        holding(cluster.wal, patience) { node.shipWal(cluster.repository, processes) }
        saved
    }
}
def lacking = step('look whether the primary has a slot for it') { primary.slotsLacking(node) }
undo("drop what was made of its slot on $primary") { primary.dropSlots(lacking) }
def slot = step('let the primary keep WAL for it') { primary.reserveSlotFor(node) }

String kept = null
RestorePlan plan = null
if (chosen == Way.REWIND) {
    kept = step('keep its configuration and its WAL') { node.keepAside(now()) }
    step('write a checkpoint, which tells the new timeline') { primary.checkpoint(patience) }
    step('rewind it') { pointOfNoReturn { node.rewind(primary, patience) } }    // what it was is nowhere as a whole
}
if (chosen == Way.CLONE) {
    def then = now()
    undo('move its data back') { node.moveDataBack(then, patience) }
    kept = step('move its data aside') { node.moveDataAside(then) }
    if (base) {
        step('bring the WAL of the primary into the repository') {
            holding(cluster.wal, patience) { primary.shipCurrentWal(cluster.repository, processes, patience) }
        }
        plan = step('prove that it leads from the backup to what the primary keeps') { cluster.repository.withWalUpTo(base, primary, slot) }
        table plan.summary()
        step('unpack the files') { node.restoreFiles(plan, cluster.repository, processes) }
        step('fetch the WAL') { node.fetchWalInPlace(plan, cluster.repository, processes) }
    } else {
        step("copy $primary onto it") { node.copyFrom(primary, processes) }
    }
}
if (kept) {
    note "what it had is in $kept"
    step('put its configuration back') { node.putBackConfiguration(kept) }
}
if (chosen == Way.FOLLOW) {
    step('make it a standby') { pointOfNoReturn { node.configureStandby(cluster, primary, slot) } }    // back would be a second primary
} else {
    step('make it a standby') { node.configureStandby(cluster, primary, slot) }
}
if (plan) {
    step('make it startable') { node.makeStartable(plan, cluster.repository) }
}
step('start it, and see it stream') { node.startFollowing(primary, patience) }
step('drop its slots of those who follow the primary now') { node.dropSlotsInUseOn(primary) }
note "$node follows $primary"
