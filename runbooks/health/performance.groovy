/**
 * Find out what a server spends its time with, and what it carries along: waits, statements, cache, temporary files,
 * checkpoints; indexes that nobody uses, that are there twice, missing or not valid; free room in tables and indexes;
 * settings. It changes nothing.
 *
 * It is watched for some seconds, and what is told of its time is of those seconds: counters since some day hide what is going
 * on now. Which statements it is only pg_stat_statements tells; without it, it is said how to turn it on. A statement counts
 * when it ends: one that runs for an hour is seen in the waits, and by incident/runaway-query.
 *
 * Free room is estimated from the statistics of the planner, which know averages as of the last ANALYZE; tables are measured where
 * the extension pgstattuple is in their database. It tells where to look, and is no figure to plan by.
 *
 * Thresholds in the inventory: checkpoints (30s), bloat (100MB: smaller tables and indexes are not looked at).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                              Node node
@Param(value = 'how long to watch it', min = '1s', max = '1h')                                              Duration over = 10.seconds
@Param(value = 'how many of each to show', min = '1', max = '1000')                                         Integer top = 10
@Param(value = 'how large a table or an index is worth a look; the threshold unless given', min = '0')      DataSize size

def server = node ?: cluster.primary
def large = size ?: cluster.thresholds.bloat()

def found = step("watch $server for ${Durations.show(over)}") { server.performance(over) }
if (found.waits()) { table found.waits() } else { note 'no session was busy' }
if (found.statements()) {
    table found.statements().take(top)
    def readers = found.statements().findAll { it.read().bytes() > 0 }.sort { -it.read().bytes() }.take(3)
    if (readers) {
        note 'these read the most:'
        table readers
    }
    def writers = found.statements().findAll { it.temp().bytes() > 0 }.sort { -it.temp().bytes() }.take(3)
    if (writers) {
        note 'these wrote the most into temporary files:'
        table writers
    }
}
if (found.wholeReads()) {
    note 'these tables were read from end to end:'
    table found.wholeReads().take(top)
}
note "in memory: ${found.hitPercent()} %; read: ${found.read()}; temporary files: ${found.temp()}"
def isPrimary = server.name == cluster.primary.name
def onPrimary = !isPrimary ? [] as List<Finding> : step('how often does it write a checkpoint, and is every index valid?') {
    [server.checkpoints(1.seconds, cluster.thresholds.checkpoints()).finding(), server.invalidIndexes.finding()]
}
def indexes = step('which indexes does no node use, or are there twice, and which are missing?') { server.indexes(cluster, large) }
if (indexes.unused()) {
    note 'no node has used these:'
    table indexes.unused().take(top)
}
if (indexes.keys()) {
    note 'these foreign keys have no index:'
    table indexes.keys().take(top)
}
def bloat = step('how much of the files is free room?') { server.bloat(large) }
if (bloat.wasteful()) { table bloat.wasteful().take(top) }
def advice = step('which settings would be better otherwise?') { server.settingAdvice }
if (advice.settings()) { table advice.settings() }

def findings = found.findings() + onPrimary + indexes.findings() + bloat.findings() + [advice.finding()]
def wrong = findings.findAll { it.verdict() != Verdict.OK }
if (wrong) { table wrong.sort { it.verdict() } } else { note 'nothing stands out' }
table findings.findAll { it.verdict() == Verdict.OK }.collect { [check: it.incident(), node: it.node(), finding: it.finding()] }
