/**
 * Practise incident/temp-files: a report sorts far more than fits into its memory. Then it sleeps, so that
 * the machine stays usable.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until the
 * statement has ended, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'how much it sorts', min = '1MB', max = '10GB') DataSize amount = 64.MB

def server = cluster.primary
def drill = server.drill
always('end what the drill has begun') { drill.close() }

def begin = now()
def report = drill.session('report')
note "now find it: pgrunbook run incident/triage $cluster"
step('run a report that sorts on disk, until somebody solves it') {
    report.execute("set work_mem = '64kB'")
    try {
        report.execute("select pg_sleep(86400) from (select repeat(md5(i::text), 32) as line from generate_series(1, ${amount.bytes() >> 10}) i order by 1 offset 0) as lines")
    } catch (Problem e) {
        note "the report failed: ${e.fact()}"
    }
}
measure 'from incident to solution', Duration.between(begin, now())
