/**
 * Practise incident/archiver-failing: since a change of the configuration the archive_command fails.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names; in the sandbox
 * the command was ../archive-wal "%p" "%f". It runs until WAL is archived again, and says how long that
 * took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('take back the change of the configuration') {
    server.sql.execute('alter system reset archive_command')
    server.sql.execute('select pg_reload_conf()')
}

def begin = now()
step('break the archive_command') {
    server.sql.execute("alter system set archive_command = 'echo no such host; exit 1'")
    server.sql.execute('select pg_reload_conf()')
}
step('close a WAL segment, which is to be archived') {
    server.sql.execute("select pg_logical_emit_message(true, 'drill', 'x')")
    server.sql.execute('select pg_switch_wal()')
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until it fails') {
    drill.await('select last_failed_time > coalesce(last_archived_time, \'-infinity\') from pg_stat_archiver', patience)
}
step('wait until somebody solves it') {
    drill.await('select last_archived_time > last_failed_time from pg_stat_archiver', patience)
}
measure 'from incident to solution', Duration.between(begin, now())
