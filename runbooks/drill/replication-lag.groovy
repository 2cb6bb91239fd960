/**
 * Practise incident/replication-lag: somebody paused the replay of a standby and forgot it.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * the standby has caught up, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'how much WAL to write', min = '1MB', max = '10GB') DataSize amount = 40.MB
@Param(value = 'give up after', min = '1s', max = '7 days')        Duration patience = 30.minutes

def server = cluster.primary
server.drill
def standby = cluster.standbys.first()
def drill = standby.drill
always('let it replay') { standby.sql.execute('select pg_wal_replay_resume()') }

def begin = now()
step('pause the replay of a standby') { standby.sql.execute('select pg_wal_replay_pause()') }
step("write $amount of WAL") {
    server.sql.execute("select pg_logical_emit_message(false, 'drill', repeat('x', 1048576)) from generate_series(1, ${amount.bytes() >> 20})")
}
def written = server.sql.value(String, 'select pg_current_wal_lsn()::text')
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select pg_last_wal_replay_lsn() >= '$written'", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
