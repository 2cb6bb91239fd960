/**
 * Practise incident/backup-too-old: nobody ships the WAL any more, and it piles up on the primary's host.
 *
 * Start it, find it with the playbook (pgrunbook doctor names it after the threshold recoveryPoint), solve it. It runs
 * until the WAL is in the repository, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
server.drill

def begin = now()
step('write something') { server.proveWrite(30.seconds) }
def closed = step('close its WAL segment') { server.closeSegment() }
step('wait until it is in the spool, where nobody fetches it') { server.awaitArchived(cluster.repository, closed, patience) }
note "now find it: pgrunbook run incident/backup-too-old $cluster -p limit=1s"
step('wait until somebody solves it') {
    server.ssh.run(Command.probeScript('while [ -e "$1" ]; do sleep 0.2; done', "${cluster.spec().spool().orElse('spool')}/$closed.wal").timeout(patience)).text()
}
measure 'from incident to solution', Duration.between(begin, now())
