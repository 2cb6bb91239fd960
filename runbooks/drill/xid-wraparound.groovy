/**
 * Practise incident/xid-wraparound: an application uses a transaction id for every read.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until the
 * rows are frozen, and says how long that took. Only on nodes with the tag drill, whose threshold xidAge
 * is low enough for it, as the sandbox's is.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
def limit = cluster.thresholds.xidAge()
refuseIf limit > 1_000_000, "it would take too long to use up $limit transaction ids; set the threshold xidAge to 100000"

def begin = now()
step("use up ${limit * 2} transaction ids") {
    server.sql.execute("do \$\$ begin for i in 1 .. ${limit * 2} loop perform pg_current_xact_id(); commit; end loop; end \$\$")
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select max(age(datfrozenxid)) < $limit from pg_database where datallowconn", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
