/**
 * Make the inventory declare the roles that the nodes really have, after a failover that nobody has written down.
 *
 * Only the words of the roles change; comments and layout stay. It asks which node takes writes, and refuses unless it is
 * exactly one.
 */
@Target Cluster cluster

lock cluster.roles

def primary = step('ask which node takes writes') { cluster.primary }
if (!cluster.inventoryEdit(primary).text()) {
    note 'the inventory declares it already'
    return
}
confirm "Write it into the inventory that $primary is the primary?"
step('change the roles in the inventory') { cluster.writeRoles(primary) }
