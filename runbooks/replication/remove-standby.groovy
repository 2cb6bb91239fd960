/**
 * Take a standby out of its cluster: stop it, keep it from starting again, and drop its slot.
 *
 * Its data stay where they are. It is refused if another standby streams from it, or if commits would wait for it.
 */
@Target Cluster cluster
@Param(value = 'the standby', required = true)                             Node node
@Param(value = 'how long it may take to stop', min = '1s', max = '7 days') Duration patience = 60.seconds
@Param('change the role in the inventory files')                           Boolean writeInventory = false

lock cluster.roles

def status = step('ask every node') { cluster.status }
def primary = cluster.primary
refuseIf node == primary, "$node is the primary; see replication/switchover"
def below = status.nodes().findAll { it.upstream() == node }
refuseIf !below.empty, "${below*.node().join(', ')} stream from $node; let them follow another node first"
def synchronous = status.nodes().findAll { it.sync() in ['sync', 'quorum'] }
refuseIf synchronous.size() == 1 && synchronous.first().node() == node, "commits would wait: $node is the only synchronous standby"

confirm node, "Stop $node and take it out of the cluster?"
def slots = status.slots().findAll { it.on() != node && it.slot() == node.slotName }
step('keep it from being started again') { node.disable() }
step('stop it') { node.stop(patience) }
slots.each { slot ->
    step("drop its slot on ${slot.on()}") {
        waitUntil("slot \"${slot.slot()}\" on ${slot.on()} is dropped", patience) { slot.on().dropSlots([slot.slot()]) }
    }
}
def edit = cluster.inventoryEdit(node, 'spare').text()
if (edit && writeInventory) {
    step('change the role in the inventory') { cluster.writeRole(node, 'spare') }
} else if (edit) {
    note "edit the inventory:\n$edit"
}
