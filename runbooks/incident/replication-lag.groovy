/**
 * Find out at which stage a standby falls behind; with severity=critical let it replay again.
 *
 * WAL is sent, written, flushed to the standby's disk and replayed; where the most waits tells the
 * cause. Often it is the load of the primary and passes by itself: look whether it falls before you
 * do anything. A standby that is late is no candidate for a failover.
 *
 * Symptom: reads from a standby are old; a failover would lose data.
 *
 * May: resume the replay of standbys on which somebody paused it, after asking. It ends no queries of
 * a standby.
 *
 * Threshold in the inventory: lag (64MB).
 */
@Target Cluster cluster
@Param('the server that sends; the primary unless given')                                     Node node
@Param('warning only looks, critical also resumes')                                           Severity severity = Severity.WARNING
@Param(value = 'how much WAL a standby may be behind; the threshold unless given', min = '0') DataSize limit
@Param(value = 'how long to wait until it has caught up', min = '1s', max = '7 days')         Duration patience = 5.minutes

def server = node ?: cluster.primary
def most = limit ?: cluster.thresholds.lag()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def lag = step('1. who is behind, and at which stage?') { server.replicationLag(most) }
if (lag.receivers()) { table lag.receivers() } else { note 'nobody receives WAL from it' }
step('2. is it one, or all of them?') {
    note "${lag.late().size()} of ${lag.receivers().size()} are further behind than $most"
}
step('3. is it falling already?') {
    def again = server.replicationLag(most)
    again.receivers().each { one ->
        def before = lag.receivers().find { it.application() == one.application() }
        note "${one.application()}: ${before?.total()} before, ${one.total()} now"
    }
}
def obstacles = step('4. what keeps the standbys from replaying?') { cluster.standbys.collect { it.replayObstacles } }
if (obstacles) { table obstacles } else { note 'no standby answers' }

def finding = step('the finding') { lag.finding() }
table finding
def paused = obstacles.findAll { it.paused() }
if (finding.verdict() == Verdict.OK) {
    return
}
String resume = paused ? "$finding.next -p severity=critical" : 'none is paused'
table([
    new Rung('wait, if it falls', 'nothing', '-'),
    new Rung('pause the job that writes so much', 'that job', '-'),
    new Rung('resume the replay that somebody paused', 'a table that was to be saved from a mistake is lost there',
        resume),
    new Rung('let standbys cancel queries sooner', 'queries there fail', "ALTER SYSTEM SET max_standby_streaming_delay = '5s'; on the standby"),
    new Rung('take it out of the balancing of reads', 'the others get its reads', '-')])

if (severity == Severity.WARNING) {
    return
}
refuseIf !paused, 'no replay is paused, and nothing else may be done here without knowing more'
paused.each { one ->
    confirm one.node(), "Resume the replay of ${one.node()}? Did somebody pause it to save a table from a mistake?"
    step("resume the replay of ${one.node()}") { one.node().sql.execute('select pg_wal_replay_resume()') }
}
step('wait until they have caught up') {
    waitUntil("no standby is further behind than $most", patience) { !server.replicationLag(most).late() }
}
note "no standby is further behind than $most"
