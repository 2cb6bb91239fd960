/**
 * Practise incident/high-connections: after a deployment each process of a shop opens a pool of its own, and
 * hardly uses it.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until enough
 * connections are free again, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('end what the drill has begun') { drill.close() }

def usage = server.connectionUsage
def most = usage.available() * cluster.thresholds.connections() / 100 as int
def wanted = most + 3 - usage.used()
refuseIf wanted > 400, "it would take $wanted connections: max_connections of $server is too large for a drill"

def begin = now()
step('open pools that are too large') {
    parallel((1..Math.max(wanted, 1)).toList()) { drill.session('storefront'); it }
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select count(*) < $most from pg_stat_activity where backend_type = 'client backend'", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
