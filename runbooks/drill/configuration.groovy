/**
 * Practise incident/configuration: somebody has changed a setting, and the server was never told to read it.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until the setting is in
 * force, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
server.drill
always('take back the change of the configuration') {
    server.sql.execute('alter system reset deadlock_timeout')
    server.sql.execute('select pg_reload_conf()')
}

def begin = now()
step('change a setting, and let nobody read it') { server.sql.execute("alter system set deadlock_timeout = '1234ms'") }
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    waitUntil('it is in force', patience) { server.setting('deadlock_timeout') == '1234ms' }
}
measure 'from incident to solution', Duration.between(begin, now())
