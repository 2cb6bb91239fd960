/**
 * Practise incident/expiring-credentials: the password of an application's role has ended, which shows only when it logs in
 * anew.
 *
 * Start it, find it with incident/triage, and solve it with the statement that the playbook names, for that changes nothing by
 * itself. It runs until the password is good for two more weeks, and says how long that took. Only on nodes with the tag
 * drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('remove the role') { server.sql.execute('drop role if exists pgrunbook_drill') }

def begin = now()
step('let the password of a role end') {
    server.sql.execute('drop role if exists pgrunbook_drill')
    server.sql.execute("create role pgrunbook_drill login valid until 'yesterday'")
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select coalesce(rolvaliduntil, 'infinity') > now() + interval '14 days' from pg_roles where rolname = 'pgrunbook_drill'", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
