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
def closed = step('write something, and close its WAL segment') {
    server.sql.returning(Row.of(segment: '000000010000000000000001'),
        "select pg_walfile_name(pg_logical_emit_message(true, 'drill', 'an order')) as segment, pg_switch_wal()::text").text('segment')
}
def file = "${cluster.spec().spool().orElse('spool')}/$closed"
step('wait until it is in the spool, where nobody fetches it') {
    server.ssh.run(Command.probeScript('while [ ! -e "$1" ]; do sleep 0.1; done', file).timeout(patience)).text()
}
note "now find it: pgrunbook run incident/backup-too-old $cluster -p limit=1s"
step('wait until somebody solves it') {
    server.ssh.run(Command.probeScript('while [ -e "$1" ]; do sleep 0.2; done', file).timeout(patience)).text()
}
measure 'from incident to solution', Duration.between(begin, now())
