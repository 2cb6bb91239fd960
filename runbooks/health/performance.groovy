/**
 * Find out what a server spends its time with: waits, statements, cache, temporary files, checkpoints. It changes nothing.
 *
 * It is looked at for some seconds, and what is told is of those seconds: counters since some day hide what is going on
 * now. Which statements it is only pg_stat_statements tells; without it, it is said how to turn it on. A statement counts when
 * it ends: one that runs for an hour is seen in the waits, and by incident/runaway-query.
 *
 * Threshold in the inventory: checkpoints (30s).
 */
@Target Cluster cluster
@Param('the server; the primary unless given') Node node
@Param(value = 'how long to watch it', min = '1s', max = '1h')       Duration over = 10.seconds
@Param(value = 'how many statements to show', min = '1', max = '1000') Integer top = 10

def server = node ?: cluster.primary

def found = step("watch $server for ${Durations.show(over)}") { server.performance(over) }
if (found.waits()) { table found.waits() } else { note 'no session was busy' }
if (found.statements()) {
    table found.statements().take(top)
    def readers = found.statements().findAll { it.read().bytes() > 0 }.sort { -it.read().bytes() }.take(3)
    if (readers) {
        note 'these read the most:'
        table readers
    }
}
note "in memory: ${found.hitPercent()} %; read: ${found.read()}; temporary files: ${found.temp()}"
def checkpoints = step('how often does it write a checkpoint?') {
    server.name == cluster.primary.name ? [server.checkpoints(1.seconds, cluster.thresholds.checkpoints()).finding()] : []
}
def findings = found.findings() + checkpoints
def wrong = findings.findAll { it.verdict() != Verdict.OK }
if (wrong) { table wrong.sort { it.verdict() } } else { note 'nothing stands out' }
table findings.findAll { it.verdict() == Verdict.OK }.collect { [check: it.incident(), node: it.node(), finding: it.finding()] }
