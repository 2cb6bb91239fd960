/**
 * Practise incident/invalid-indexes: a migration built an index and ran into its time limit.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * the index is valid or gone, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('remove the table') { server.sql.execute('drop table if exists pgrunbook_drill') }
always('end what the drill has begun') { drill.close() }

def begin = now()
step('let the build of an index fail') {
    server.sql.execute('create table if not exists pgrunbook_drill (id int primary key, balance int)')
    def report = drill.session('report')
    report.execute('begin')
    report.execute('lock table pgrunbook_drill in row exclusive mode')
    def migration = drill.session('migration')
    migration.execute("set statement_timeout = '500ms'")
    try {
        migration.execute('create index concurrently pgrunbook_drill_balance on pgrunbook_drill (balance)')
    } catch (Problem e) {
        note "the migration failed: ${e.fact()}"
    }
    drill.close()
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select not exists (select from pg_index where not indisvalid and indrelid = 'pgrunbook_drill'::regclass)", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
