/**
 * Practise incident/runaway-query: a report that does not come to an end. It sleeps rather than works,
 * so that the machine stays usable.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * the statement has ended, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster

def server = cluster.primary
def drill = server.drill
always('end what the drill has begun') { drill.close() }

def begin = now()
def report = drill.session('report')
note "now find it: pgrunbook run incident/triage $cluster"
step('run a report that does not end until somebody solves it') {
    try {
        report.execute('select pg_sleep(86400)')
    } catch (Problem e) {
        note "the report failed: ${e.fact()}"
    }
}
measure 'from incident to solution', Duration.between(begin, now())
