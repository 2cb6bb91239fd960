/**
 * Practise incident/pg-wal-filling: somebody raised wal_keep_size, to be on the safe side.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names; in the sandbox
 * wal_keep_size was 64MB. It runs until less WAL is kept again, and says how long that took. Only on nodes
 * with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'how much WAL to write', min = '1MB', max = '10GB') DataSize amount = 200.MB
@Param(value = 'give up after', min = '1s', max = '7 days')        Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('take back the change of the configuration') {
    server.sql.execute('alter system reset wal_keep_size')
    server.sql.execute('select pg_reload_conf()')
}

def begin = now()
step('raise wal_keep_size') {
    server.sql.execute("alter system set wal_keep_size = '64GB'")
    server.sql.execute('select pg_reload_conf()')
}
step("write $amount of WAL") {
    server.sql.execute("select pg_logical_emit_message(false, 'drill', repeat('x', 1048576)) from generate_series(1, ${amount.bytes() >> 20})")
}
step('write a checkpoint, so that only the setting keeps it') { server.sql.execute('checkpoint') }
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    // What waits to be written anew does not count.
    drill.await("select coalesce(sum(size), 0) < ${amount.bytes()} from pg_ls_waldir() where name < pg_walfile_name(pg_current_wal_lsn())", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
