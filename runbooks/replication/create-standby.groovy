/**
 * Make a standby of a spare: copy the primary onto it while that works on, and let it follow.
 *
 * The files go from host to host through this machine, compressed, without a file in between; the WAL is streamed by a slot
 * that is there before the copy begins. With from=repository the primary is not read at all: the newest backup is restored,
 * its WAL is fetched up to where the slot begins, and only what comes after that is streamed.
 *
 * The host needs PostgreSQL of the same major version, and the operating system's collations should be of the same version
 * too.
 */
@Target Cluster cluster
@Param(value = 'the spare', required = true)                                        Node node
@Param('where the files come from: the primary, or a backup in the repository')     CopyFrom from = CopyFrom.PRIMARY
@Param('the backup, if from=repository; the newest unless given')                   String backup
@Param('what to do with data that is there: refuse, or move it aside')              Existing existing = Existing.REFUSE
@Param(value = 'how many processes copy at once', min = '1', max = '64')            Integer processes = 2
@Param(value = 'how long it may take until it streams', min = '1s', max = '7 days') Duration patience = 10.minutes
@Param('change the role in the inventory files')                                    Boolean writeInventory = false

lock cluster.roles

def primary = step('ask which node is the primary') { cluster.primary }
refuseIf node == primary || node in cluster.standbys, "$node is a member of the cluster already; see replication/rejoin"
refuseIf backup && from != CopyFrom.REPOSITORY, 'a backup is restored only with from=repository'

def base = from != CopyFrom.REPOSITORY ? null : step('choose the backup') { cluster.repository.planStandby(primary, backup) }
def occupied = step('look at the host') {
    base ? node.requireRoomFor(base) : node.requireRoomFor(primary)
    refuseIf node.postmaster.running, "a server is running in \"$node.postmaster.data\" of $node"
    node.hasData()
}
refuseIf occupied && existing != Existing.ASIDE, "\"$node.postmaster.data\" of $node is not empty; -p existing=aside moves it aside"
if (occupied) {
    confirm node, "Move what is in $node.postmaster.data aside, and ${base ? "restore $base.backup.id" : "copy $primary"} there?"
    def then = now()
    undo('move it back') { node.moveDataBack(then, patience) }
    def aside = step('move what is there aside') { node.moveDataAside(then) }
    note "moved to $aside"
}

def lacking = step('look whether the primary has a slot for it') { primary.slotsLacking(node) }
undo("drop what was made of its slot on $primary") { primary.dropSlots(lacking) }
def slot = step('let the primary keep WAL for it') { primary.reserveSlotFor(node) }
RestorePlan plan = null
if (base) {
    step('bring the WAL of the primary into the repository') {
        holding(cluster.wal, patience) { primary.shipCurrentWal(cluster.repository, processes, patience) }
    }
    plan = step('prove that it leads from the backup to what the primary keeps') { cluster.repository.withWalUpTo(base, primary, slot) }
    table plan.summary()
    step('unpack the files') { node.restoreFiles(plan, cluster.repository, processes) }
    step('fetch the WAL') { node.fetchWalInPlace(plan, cluster.repository, processes) }
} else {
    def copied = step("copy $primary onto it") { node.copyFrom(primary, processes) }
    note "$copied.size copied; it needs WAL from $copied.start on"
}
step('give it its own port and name') { node.nameItself() }
step('make it a standby') { node.configureStandby(cluster, primary, slot) }
if (plan) {
    step('make it startable') { node.makeStartable(plan, cluster.repository) }
}
step('start it, and see it stream') { node.startFollowing(primary, patience) }
step('compare the versions of collations') {
    node.collationMismatches().each { warn "the collations of $node are not those that sorted the text indexes of database \"$it\": never promote it before they are rebuilt" }
}

def edit = cluster.inventoryEdit(node, 'standby').text()
if (edit && writeInventory) {
    step('change the role in the inventory') { cluster.writeRole(node, 'standby') }
} else if (edit) {
    note "edit the inventory:\n$edit"
}
