/**
 * Practise incident/standby-down: the server of a standby has crashed.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until the
 * standby streams again, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def drill = cluster.primary.drill
def standby = cluster.standbys.first()
standby.drill

def begin = now()
step('let the server of a standby crash') { standby.postmaster.stop(Postmaster.Stop.IMMEDIATE, 30.seconds) }
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select exists (select from pg_stat_replication where application_name = '$standby.name' and state = 'streaming')", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
