/**
 * Practise incident/lock-queue: a report has read a table and not committed; a migration wants to
 * change the table and waits for it; every new reader waits for the migration.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * nobody waits any more, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster

def server = cluster.primary
def drill = server.drill
always('remove the table') { server.sql.execute('drop table if exists pgrunbook_drill') }
always('end what the drill has begun') { drill.close() }

step('make a table') { server.sql.execute('create table if not exists pgrunbook_drill (id int primary key, balance int)') }
def begin = now()
step('read it and do not commit') {
    def report = drill.session('report')
    report.execute('begin')
    report.execute('select count(*) from pgrunbook_drill')
}
def migration = drill.session('migration')
def shops = (1..3).collect { drill.session("shop-$it") }
note "now find it: pgrunbook run incident/triage $cluster"
step('let a migration wait for it, and readers for the migration, until somebody solves it') {
    parallel([migration] + shops) { session ->
        if (session == migration) {
            try {
                session.execute('alter table pgrunbook_drill add column note text')
            } catch (Problem e) {
                note "the migration failed: ${e.fact()}"
            }
            return
        }
        waitUntil('the migration waits', 30.seconds) {
            server.sql.value(Boolean, "select exists (select from pg_locks where mode = 'AccessExclusiveLock' and not granted)")
        }
        session.execute('select count(*) from pgrunbook_drill')
    }
}
measure 'from incident to solution', Duration.between(begin, now())
