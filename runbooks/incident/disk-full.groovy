/**
 * Find out which file system of a server is full and what fills it; with severity=critical remove old logs
 * of the server from it.
 *
 * First stop what grows: what is removed by hand is rarely much, and the wrong file ends the database. WAL
 * and archives are never removed by age: the server and backup/ship-wal do that when nobody needs them any
 * more. VACUUM FULL needs more room before it frees any. The same as incident/disk-space.
 *
 * Symptom: "No space left on device"; the server stops with PANIC when it cannot write WAL.
 *
 * May: remove log files that the server has rotated away and that are older than what is given with
 * logsOlderThan, after asking, if they are on the full file system. Nothing else: no WAL, no archive, no
 * file of the data directory.
 *
 * Thresholds in the inventory: disk (85 percent), diskCritical (95).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                             Node node
@Param('warning only looks, critical also removes logs')                                                   Severity severity = Severity.WARNING
@Param(value = 'how old a log must be to be removed; needed with critical', min = '0s', max = '3650 days') Duration logsOlderThan

def server = node ?: cluster.formerPrimary

def disks = step('1. how full are its file systems, and what takes how much?') { server.diskUsage(cluster, true) }
table disks.folders()
step('2. does it grow?') {
    def again = server.diskUsage(cluster, true)
    again.folders().each { now ->
        def before = disks.folders().find { it.what() == now.what() }
        if (before?.takes() != now.takes()) { note "${now.what()}: ${before?.takes()} before, ${now.takes()} now" }
    }
    note "${disks.fullest().free()} were left of ${disks.fullest().fileSystem()}, ${again.fullest().free()} now"
}
def logs = step('3. which logs has the server rotated away?') { server.oldLogs(logsOlderThan ?: 1.days) }
note logs.files() ? "${logs.files().size()} older than ${Durations.show(logsOlderThan ?: 1.days)}, ${logs.total()} in ${logs.folder()}" : 'none that is old'
step('4. is it a copy that somebody left?') {
    note server.ssh.read('ls', '-la', "$server.postmaster.data/..").text()
}

def finding = step('the finding') { disks.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def here = disks.onFullest()*.what()
def on = "$cluster -p node=$server.name"
List<Rung> ladder = []
if ('temp' in here)   { ladder << new Rung('see whose temporary files they are', 'their statements', "pgrunbook run incident/temp-files $on") }
if ('spool' in here)  { ladder << new Rung('bring the WAL in the spool into the repository, which empties it', 'nothing', "pgrunbook run backup/ship-wal $cluster") }
if ('pg_wal' in here) { ladder << new Rung('see what keeps WAL in pg_wal; never remove it by hand', 'nothing', "pgrunbook run incident/pg-wal-filling $on") }
if ('log' in here)    { ladder << new Rung('remove old logs of the server', 'what they say', "$finding.next -p severity=critical -p logsOlderThan=30d") }
if ('base' in here)   { ladder << new Rung('drop what can be made again: invalid indexes, scratch tables', 'who uses them', "pgrunbook run incident/invalid-indexes $on") }
ladder << new Rung('grow the volume', 'nothing', '-')
table ladder

if (severity == Severity.WARNING) {
    return
}
refuseIf !logsOlderThan, 'nothing says how old a log must be to be removed; give it, such as -p logsOlderThan=30d'
refuseIf !('log' in here), "the server's logs are not on ${disks.fullest().fileSystem()}: to remove them frees nothing there"
refuseIf logs.files().empty, "no log is older than ${Durations.show(logsOlderThan)}"
table logs.files()
confirm server, "Remove these ${logs.files().size()} logs, ${logs.total()}, from ${logs.folder()}?"
step('remove them') { server.removeLogs(logs) }
def after = step('look again') { server.diskUsage(cluster, false) }
def then = after.folders().find { it.fileSystem() == disks.fullest().fileSystem() }
refuseIf then.free() <= disks.fullest().free(), "nothing was freed: ${then.free()} are left of ${then.fileSystem()}"
note "${then.free()} are left of ${then.fileSystem()}, before it were ${disks.fullest().free()}"
