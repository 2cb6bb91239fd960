/**
 * Find replication slots that nobody uses and that keep WAL; with severity=critical drop one.
 *
 * A slot keeps WAL until its consumer has taken it. If the consumer comes back, it goes on from there;
 * if it never does, the disk fills. Only its owner knows which.
 *
 * Symptom: pg_wal grows and grows, although archiving works.
 *
 * May: drop the slot that is named with slot, after asking, and only if still nobody uses it and it
 * keeps the same WAL as when it was looked at. Whoever used it has to be built anew. The slot of a node
 * of the cluster, and a copy that a standby keeps in step, are never dropped.
 *
 * Threshold in the inventory: slotRetained (1GB).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                        Node node
@Param('warning only looks, critical also drops')                                     Severity severity = Severity.WARNING
@Param('the slot to drop; needed with critical')                                      String slot
@Param(value = 'how much WAL a slot may keep; the threshold unless given', min = '0') DataSize limit

def server = node ?: cluster.formerPrimary

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def found = step('1. which slots does nobody use, and what do they keep?') {
    server.inactiveSlots(limit ?: cluster.thresholds.slotRetained())
}
if (found.slots()) { table found.slots() } else { note 'none' }

step('2. whose are they?') {
    found.slots().each { one ->
        def owner = cluster.nodes.find { it.name == one.slot() }
        note "${one.slot()}: ${owner ? "node $owner of this cluster: bring it back" : 'nobody of this cluster; ask its owner'}"
    }
}
step('3. would the server give up a slot before the disk is full?') {
    def fuse = server.sql.value(String, "select current_setting('max_slot_wal_keep_size')")
    note fuse == '-1' ? 'no: max_slot_wal_keep_size is not set' : "yes, from $fuse on (max_slot_wal_keep_size)"
}

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK && !slot) {
    return
}
def name = slot ?: found.tooMuch().find()?.slot() ?: found.slots().find()?.slot()
table([
    new Rung('wake its consumer: it takes what is kept, and goes on', 'nothing', '-'),
    new Rung('set a fuse', 'a slot beyond it is lost, and its consumer has to be built anew', "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';"),
    new Rung('drop the slot', 'its consumer has to be built anew',
        "pgrunbook run incident/inactive-slot $cluster -p node=$server.name -p severity=critical -p slot=$name")])

if (severity == Severity.WARNING) {
    return
}
refuseIf !slot, "nothing says which slot to drop; name it, such as -p slot=$name"
def chosen = found.named(slot)
refuseIf !chosen, "slot \"$slot\" is in use, or there is none of that name"
refuseIf cluster.nodes.any { it.name == slot }, "slot \"$slot\" is that of a node of this cluster: bring the node back, or take it out of the inventory"
refuseIf chosen.synced(), "slot \"$slot\" is a copy of the primary's: drop it there"

confirm server, "Drop slot \"$slot\", which keeps ${chosen.retained()}? Its consumer has to be built anew."
def dropped = step('drop it') { server.dropSlot(chosen) }
refuseIf !dropped, "slot \"$slot\" was left alone: somebody uses it again, or has moved it on"
step('let the server remove what it kept') { server.sql.execute('checkpoint') }
def after = step('look again') { server.inactiveSlots(found.limit()) }
note "slot \"$slot\" is gone; ${after.tooMuch().size()} others keep more than ${found.limit()}"
