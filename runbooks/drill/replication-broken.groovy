/**
 * Practise incident/replication-broken: while a standby was down for maintenance somebody tidied up, and
 * dropped its slot.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until the
 * standby streams again, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
def standby = cluster.standbys.first()
standby.drill
def slot = standby.slotName

def begin = now()
step('stop a standby for its maintenance') { standby.postmaster.stop(Postmaster.Stop.FAST, 30.seconds) }
step('drop its slot, which nobody seems to use') {
    retry(10) { server.sql.execute("select pg_drop_replication_slot('$slot')") }
}
step('start it again') { standby.postmaster.start() }
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select exists (select from pg_stat_replication where application_name = '$standby.name' and state = 'streaming')", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
