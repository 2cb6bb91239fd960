/**
 * Show the replication slots of a cluster, and drop those that are named.
 *
 * A slot keeps WAL for whoever uses it. One that nobody uses keeps it for ever, until the disk is full; one that is "lost" keeps
 * none any more, and its reader has to be made anew. Only slots that nobody uses are ever dropped.
 */
@Target Cluster cluster
@Param('slots to drop')                                        List<String> drop = []
@Param('the server to drop them on; the primary unless given') Node node

def slots = step('ask every node') { cluster.status.slots() }
table slots
def idle = slots.findAll { !it.active() }
idle.each { warn it.worry() }
if (!drop) {
    idle.empty || note("to drop: pgrunbook run replication/slots $cluster -p drop=${idle.first().slot()} -p node=${idle.first().on()}")
    return
}

lock cluster.roles
def server = node ?: cluster.primary
def known = slots.findAll { it.on() == server }
drop.each { name ->
    refuseIf !known.any { it.slot() == name }, "$server has no slot \"$name\""
    refuseIf known.any { it.slot() == name && it.active() }, "slot \"$name\" on $server is in use"
}
confirm server, "Drop ${drop.join(', ')} on $server? Whoever used them has to be made anew."
def dropped = step('drop them') { server.dropSlots(drop) }
refuseIf dropped < drop.size(), "$dropped of ${drop.size()} were dropped: the others are in use again"
