/**
 * Practise incident/failed-logins: the password of an application's role was changed, and nobody told the application.
 *
 * Start it, find it with incident/triage, which counts the logins that failed, and look at who it is with the playbook; then let the
 * application in again, by the statement that the drill notes. It runs until the application gets in, and says how long that
 * took. Only on nodes with the tag drill; the password has to be asked for there (pg_hba.conf: not trust).
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
server.drill
always('remove the role') { server.sql.execute('drop role if exists pgrunbook_drill') }

def begin = now()
step('change the password of a role') {
    server.sql.execute('drop role if exists pgrunbook_drill')
    server.sql.execute("create role pgrunbook_drill login password 'of this month'")
}
note "now find it: pgrunbook run incident/triage $cluster"
note "the application knows only its old password: ALTER ROLE pgrunbook_drill PASSWORD 'of last month';"
step('wait until the application gets in') {
    server.sql.timeout(patience).awaitLogin('pgrunbook_drill', 'of last month')
}
measure 'from incident to solution', Duration.between(begin, now())
