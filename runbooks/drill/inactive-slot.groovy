/**
 * Practise incident/inactive-slot: somebody made a slot for a subscriber that never came.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * the slot is gone, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'how much WAL to write, for the slot to keep', min = '1MB', max = '10GB') DataSize amount = 40.MB
@Param(value = 'give up after', min = '1s', max = '7 days')                              Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('remove the slot') {
    server.sql.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'subscriber' and not active")
}

def begin = now()
step('make a slot that nobody uses') {
    server.sql.execute("select pg_create_physical_replication_slot('subscriber', true)")
}
step("write $amount of WAL") {
    server.sql.execute("select pg_logical_emit_message(false, 'drill', repeat('x', 1048576)) from generate_series(1, ${amount.bytes() >> 20})")
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select not exists (select from pg_replication_slots where slot_name = 'subscriber')", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
