/**
 * Practise incident/prepared-transactions: a transaction manager died between the two phases of a
 * commit.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * the transaction is decided, and says how long that took. Only on nodes with the tag drill, whose
 * max_prepared_transactions is not 0.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
refuseIf server.sql.value(Integer, "select current_setting('max_prepared_transactions')::int") == 0,
    "max_prepared_transactions of $server is 0: it takes none"
always('remove the table') { server.sql.execute('drop table if exists pgrunbook_drill') }
always('decide the transaction') {
    if (server.sql.value(Boolean, "select exists (select from pg_prepared_xacts where gid = 'drill-4711')")) {
        server.sql.execute("rollback prepared 'drill-4711'")
    }
}
always('end what the drill has begun') { drill.close() }

def begin = now()
step('prepare a transaction and forget it') {
    server.sql.execute('create table if not exists pgrunbook_drill (id int primary key, balance int)')
    def manager = drill.session('transaction-manager')
    manager.execute('begin')
    manager.execute('insert into pgrunbook_drill values (4711, 0)')
    manager.execute("prepare transaction 'drill-4711'")
    drill.close()
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select not exists (select from pg_prepared_xacts where gid = 'drill-4711')", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
