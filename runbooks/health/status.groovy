/**
 * Show a cluster as it really is, whatever the inventory declares. It changes nothing.
 *
 * Every node is asked, and one that cannot be asked is shown with the reason. A standby stands below the node that it
 * streams from. Its lag is what it has not replayed of the primary's WAL; its delay is the age of what it replayed last, 0 if
 * there is nothing more to replay. It fails (1) if no node takes writes, or two do.
 */
@Target Cluster cluster

def status = step('ask every node') { cluster.status }
table status.tree
if (status.strangers) { table status.strangers }
if (status.slots)     { table status.slots }
if (status.archivers) { table status.archivers }
if (status.poolers)   { table status.poolers }

def worries = status.worries(cluster.thresholds)
worries.each { warn it }

step('look for the newest backup') {
    if (cluster.spec().repository().empty) {
        note 'it has no repository for backups'
        return
    }
    try {
        def newest = cluster.repository.backups().max { it.stopTime() }
        if (newest) {
            note "newest backup: ${newest.id()}, ended ${newest.stopTime()}"
            measure 'its age', Duration.between(newest.stopTime(), now())
        } else {
            warn 'there is no backup'
        }
    } catch (Problem e) {
        warn "nothing is known of the backups: ${e.fact()}"    // what is known of the nodes is worth showing all the same
    }
}
step('is there exactly one primary?') { status.requireOnePrimary() }
