/**
 * Make a standby of a spare: copy the primary onto it while that works on, and let it follow.
 *
 * The files go from host to host through this machine, compressed, without a file in between; the WAL is streamed by a slot
 * that is there before the copy begins. The host needs PostgreSQL of the same major version, and the operating system's
 * collations should be of the same version too.
 */
@Target Cluster cluster
@Param(value = 'the spare', required = true)                                        Node node
@Param('what to do with data that is there: refuse, or move it aside')              Existing existing = Existing.REFUSE
@Param(value = 'how many processes copy at once', min = '1', max = '64')            Integer processes = 2
@Param(value = 'how long it may take until it streams', min = '1s', max = '7 days') Duration patience = 10.minutes
@Param('change the role in the inventory files')                                    Boolean writeInventory = false

lock cluster.roles

def primary = step('ask which node is the primary') { cluster.primary }
refuseIf node == primary || node in cluster.standbys, "$node is a member of the cluster already; see replication/rejoin"

def occupied = step('look at the host') {
    node.requireRoomFor(primary)
    refuseIf node.postmaster.running, "a server is running in \"$node.postmaster.data\" of $node"
    node.hasData()
}
refuseIf occupied && existing != Existing.ASIDE, "\"$node.postmaster.data\" of $node is not empty; -p existing=aside moves it aside"
if (occupied) {
    confirm node, "Move what is in $node.postmaster.data aside, and copy $primary there?"
    def then = now()
    undo('move it back') { node.moveDataBack(then, patience) }
    def aside = step('move what is there aside') { node.moveDataAside(then) }
    note "moved to $aside"
}

def lacking = step('look whether the primary has a slot for it') { primary.slotsLacking(node) }
undo("drop what was made of its slot on $primary") { primary.dropSlots(lacking) }
def slot = step('let the primary keep WAL for it') { primary.reserveSlotFor(node) }
def copied = step("copy $primary onto it") { node.copyFrom(primary, processes) }
note "$copied.size copied; it needs WAL from $copied.start on"
step('give it its own port and name') { node.nameItself() }
step('make it a standby') { node.configureStandby(cluster, primary, slot) }
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
