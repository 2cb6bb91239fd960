/**
 * Practise incident/idle-in-transaction: a session begins a transaction, and its owner goes to lunch.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * the session has been ended, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('end what the drill has begun') { drill.close() }

def begin = now()
def pid = step('begin a transaction and walk away') {
    def session = drill.session('lunch')
    session.execute('begin')
    session.returning(Row.of(pid: 0L), 'select pg_backend_pid() as pid').as(Integer, 'pid')
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') { drill.awaitEnd(pid, patience) }
measure 'from incident to solution', Duration.between(begin, now())
