/**
 * Practise incident/sync-standby-lost: commits have to wait for a standby that nobody has built.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until the
 * commit is confirmed, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster

def server = cluster.primary
def drill = server.drill
always('take back the change of the configuration') {
    server.sql.execute('alter system reset synchronous_standby_names')
    server.sql.execute('select pg_reload_conf()')
}
always('end what the drill has begun') { drill.close() }

def begin = now()
step('want a standby to confirm that is not there') {
    server.sql.execute("alter system set synchronous_standby_names = 'pg9'")
    server.sql.execute('select pg_reload_conf()')
    waitUntil('the server has read it', 30.seconds) { server.setting('synchronous_standby_names') == 'pg9' }
}
def shop = drill.session('storefront')
note "now find it: pgrunbook run incident/triage $cluster"
step('commit something, and wait until somebody solves it') {
    shop.execute("select pg_logical_emit_message(true, 'drill', 'an order')")
}
measure 'from incident to solution', Duration.between(begin, now())
