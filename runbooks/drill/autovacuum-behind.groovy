/**
 * Practise incident/autovacuum-behind: for a bulk load somebody turned autovacuum off for a table, and
 * forgot to turn it on again.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until the
 * dead rows are gone and autovacuum comes again, and says how long that took. Only on nodes with the tag drill, whose threshold deadRows
 * is low enough for it, as the sandbox's is.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
def rows = cluster.thresholds.deadRows()
refuseIf rows > 1_000_000, "it would take too long to write $rows rows; set the threshold deadRows to 10000"
always('remove the table') { server.sql.execute('drop table if exists pgrunbook_drill') }

def begin = now()
step('turn autovacuum off for a table') {
    server.sql.execute('create table if not exists pgrunbook_drill (id int primary key, balance int) with (autovacuum_enabled = false)')
}
step('write rows, and delete most of them') {
    server.sql.execute("insert into pgrunbook_drill select i, 0 from generate_series(1, ${rows * 4}) i on conflict do nothing")
    server.sql.execute('delete from pgrunbook_drill where id % 4 <> 0')
    server.sql.execute('select pg_stat_force_next_flush()')    // else its session counts them only when it has nothing else to do
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until it is seen') {
    drill.await("select n_dead_tup > $rows from pg_stat_user_tables where relid = 'pgrunbook_drill'::regclass", patience)
}
step('wait until somebody solves it') {
    drill.await("""select n_dead_tup < $rows and reloptions is null
        from pg_stat_user_tables join pg_class on oid = relid where relid = 'pgrunbook_drill'::regclass""", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
