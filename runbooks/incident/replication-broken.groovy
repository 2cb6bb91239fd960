/**
 * Find out why a standby that answers gets no WAL; with severity=critical let it follow again, if it can as
 * it is.
 *
 * Either the primary has no longer what it needs (removed, or its slot is lost), or the standby has WAL that
 * the primary never had (the timelines diverged), or only the slot or the way is missing. The first two take
 * replication/rejoin, which rewinds or clones it.
 *
 * Symptom: "requested WAL segment has already been removed", "replication slot does not exist", "highest
 * timeline of the primary is behind" in the log of a standby; it is missing in pg_stat_replication.
 *
 * May: make its slot on the primary again and let it follow the primary, after asking, if its history and
 * the WAL that is there allow it. It removes nothing.
 */
@Target Cluster cluster
@Param('the standby; the one that does not stream unless given')                    Node node
@Param('warning only looks, critical also lets it follow')                          Severity severity = Severity.WARNING
@Param(value = 'how long it may take until it streams', min = '1s', max = '7 days') Duration patience = 1.minutes

def primary = cluster.primary
refuseIf node == primary, "$node is the primary"
def streams = step('1. which standbys get no WAL?') { cluster.standbys.collect { it.standbyStream } }
table streams
def stream = streams.find { node ? it.node() == node : !it.well }
if (!stream) {
    note node ? "$node is no standby that answers; see incident/standby-down" : 'all of them stream'
    return
}
def standby = stream.node()
def evidence = step('keep the evidence') { primary.evidence }
note "kept in the journal: $evidence"
step('2. what does it say?') {
    try {
        note standby.postmaster.endOfLog() ?: 'look into its log'
    } catch (Problem e) {
        note "its log cannot be read: ${e.fact()}"
    }
}
def found = step("3. is its history the primary's?") { standby.compareWith(primary) }
table found
def kept = step('4. has the primary what it needs?') { primary.keptFor(stream) }
note kept.wal() ? "the WAL from ${stream.replayed()} on is there" : "the WAL from ${stream.replayed()} on was removed"
note !stream.slot() ? 'it uses no slot' : !kept.slot() ? "its slot \"${stream.slot()}\" is gone" : "its slot is ${kept.slot()}"

def finding = step('the finding') { stream.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def rejoin = "pgrunbook run replication/rejoin $cluster -p node=$standby.name"
def diverged = found.way() != Way.FOLLOW
String instead = diverged ? rejoin : !kept.enough ? "$rejoin -p way=clone" : ''
table([
    !instead ? new Rung('make its slot again, and let it follow', 'nothing', "$finding.next -p severity=critical")
        : diverged ? new Rung("bring it back by ${found.way().name().toLowerCase()}", "it gives up ${found.lossInWords()}", instead)
        : new Rung('copy the primary onto it', 'the network and the disks are busy', instead),
    new Rung('if the archive has the WAL: let it restore from there', 'nothing', "ALTER SYSTEM SET restore_command = '...'; on $standby"),
    new Rung('if it never comes back: take it out', 'one standby less', "pgrunbook run replication/remove-standby $cluster -p node=$standby.name")])

if (severity == Severity.WARNING) {
    return
}
refuseIf !instead.empty, diverged ? "$standby cannot follow as it is, ${found.why()}: $instead" : "$primary has no longer what $standby needs: $instead"
confirm standby, "Let $standby follow $primary again, by its slot \"${stream.slot() ?: standby.slotName}\"?"
def follower = step('make its slot again, and let it follow') { standby.follow(primary, patience) }
refuseIf !follower.streams(), "$standby still does not stream: ${follower.remark()}"
note "$standby streams from $primary"
