/**
 * Practise incident/replication-broken: somebody tidied up, and dropped the slot of a standby.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until the
 * standby streams again, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param('give up after') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
def standby = cluster.standbys.first()
standby.drill
def slot = standby.slotName

def begin = now()
step('drop the slot of a standby') {
    // It comes back at once, and then its slot is in use.
    retry(10) {
        server.sql.execute("""do \$\$ begin
            perform pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = '$slot' and active;
            perform pg_drop_replication_slot('$slot');
        end \$\$""")
    }
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select exists (select from pg_stat_replication where application_name = '$standby.name' and state = 'streaming')", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
