/**
 * Practise incident/blocking-chain: an import has changed a row and not committed; three others wait.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * nobody waits any more, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster

def server = cluster.primary
def drill = server.drill
always('remove the table') { server.sql.execute('drop table if exists pgrunbook_drill') }
always('end what the drill has begun') { drill.close() }

step('make a table of accounts') {
    server.sql.execute('create table if not exists pgrunbook_drill (id int primary key, balance int)')
    server.sql.execute('insert into pgrunbook_drill values (1, 100) on conflict do nothing')
}
def begin = now()
step('change a row and do not commit') {
    def root = drill.session('import')
    root.execute('begin')
    root.execute('update pgrunbook_drill set balance = 0 where id = 1')
}
def shops = (1..3).collect { drill.session("shop-$it") }
note "now find it: pgrunbook run incident/triage $cluster"
step('let three others wait for that row until somebody solves it') {
    parallel(shops) { it.execute('update pgrunbook_drill set balance = balance - 1 where id = 1') }
}
measure 'from incident to solution', Duration.between(begin, now())
