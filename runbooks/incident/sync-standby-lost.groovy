/**
 * Find out whether commits wait for a standby that is not there; with severity=critical let them wait for
 * others, or for nobody.
 *
 * With synchronous replication a commit waits until enough standbys have confirmed it. If they are gone, or
 * do not go by the names that are wanted (application_name, for which a standby takes its cluster_name), every
 * commit hangs. A waiting commit is done already; to cancel it only hides that it is not on a standby.
 *
 * Symptom: writes hang, reads go on; sessions wait for SyncRep.
 *
 * May: set synchronous_standby_names to what is given with names, after asking; it sets the old value again
 * if commits still wait. It never cancels or ends a session that waits.
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                      Node node
@Param('warning only looks, critical also sets the names')                          Severity severity = Severity.WARNING
@Param('the new synchronous_standby_names; needed with critical, none: for nobody') String names
@Param(value = 'how long commits may wait on', min = '1s', max = '7 days')          Duration patience = 30.seconds

def server = node ?: cluster.primary

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def sync = step('1. who has to confirm, who is there, and who waits?') { server.syncStandbys }
table sync
step('2. does a standby stream under another name?') {
    note sync.streaming() ? "these stream: ${sync.streaming().join(', ')}" : 'no standby streams'
}
step('3. how are the standbys?') { table cluster.status.tree }

def finding = step('the finding') { sync.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def wanted = sync.streaming() ? sync.streaming().collect { "\"$it\"" }.join(', ') : 'none'
table([
    new Rung('bring the standby back: it confirms what waits', 'nothing', "pgrunbook run incident/standby-down $cluster"),
    new Rung('let those confirm that stream', 'if they are lost too, commits hang again', "$finding.next -p severity=critical -p names='$wanted'"),
    new Rung('wait for nobody', 'a failover may lose commits that were acknowledged', "$finding.next -p severity=critical -p names=none")])

if (severity == Severity.WARNING) {
    return
}
refuseIf names == null, "nothing says whom commits are to wait for; give it, such as -p names='$wanted', or -p names=none"
def value = names == 'none' ? '' : names
confirm server, value ? "Let commits wait for $value instead of ${sync.names()}?"
    : "Let commits wait for nobody instead of ${sync.names()}? A failover may then lose commits that were acknowledged."
undo("set synchronous_standby_names to ${sync.names()} again") { server.alterSystem('synchronous_standby_names', sync.names()) }
step('set the names') { server.alterSystem('synchronous_standby_names', value) }
def after = step('wait until no commit waits') {
    waitUntil('commits are confirmed', patience) {
        def now = server.syncStandbys
        now.complete && now.waiting() == 0 ? now : null
    }
}
note "${after.waiting()} commits wait, before it were ${sync.waiting()}"
warn "when the standby is back, set synchronous_standby_names to ${sync.names()} again; until then the setting is in postgresql.auto.conf"
