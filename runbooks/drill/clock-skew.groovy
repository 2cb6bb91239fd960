/**
 * Practise incident/clock-skew: the primary's clock is ahead.
 *
 * The clock of a host belongs to all that runs there, so no drill touches it: pgrunbook's role is shown another one instead,
 * by a function that stands before the server's own; the standbys, which have it too, tell the time as it is. Start the drill,
 * find the skew with incident/triage, and how large it is, and whether the host has it too, with the playbook. What would set
 * the clock right, chronyc makestep, is here to drop the function's schema, as the drill notes. It runs until the clock is
 * right, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'how far ahead', min = '1s', max = '1 day')  Duration ahead = 5.seconds
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('show the clock as it is') {
    server.sql.execute('alter role current_user reset search_path')
    server.sql.execute('drop schema if exists pgrunbook_drill cascade')
}

def begin = now()
step('let the clock be ahead') {
    server.sql.execute('drop schema if exists pgrunbook_drill cascade')
    server.sql.execute('create schema pgrunbook_drill')
    server.sql.execute("""create function pgrunbook_drill.clock_timestamp() returns timestamptz language sql
        as 'select pg_catalog.clock_timestamp() + case when pg_is_in_recovery() then interval ''0'' else make_interval(secs => ${ahead.toSeconds()}) end'""")
    server.sql.execute('alter role current_user set search_path = pgrunbook_drill, pg_catalog, public')
}
note "now find it: pgrunbook run incident/triage $cluster"
note 'in place of chronyc makestep: DROP SCHEMA pgrunbook_drill CASCADE;'
step('wait until somebody sets it right') {
    drill.await("select to_regnamespace('pgrunbook_drill') is null", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
