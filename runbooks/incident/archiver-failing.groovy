/**
 * Find out why WAL is not archived; with severity=critical set an archive_command that works.
 *
 * What is not archived stays in pg_wal until the disk is full, and no restore leads past it. Most often
 * the target is full, its credentials have ended, or a file of the same name and other content is
 * there. Let the target be mended first: the server tries again by itself, once a minute.
 *
 * Symptom: "archive command failed" in the server's log; pg_wal grows; the newest WAL in the
 * repository is old.
 *
 * May: set the archive_command that is given with command, after asking, and reload; it sets the old one
 * again if nothing is archived with the new one. Never one that keeps nothing, such as /bin/true: no
 * restore would lead past it. It never deletes WAL.
 *
 * Threshold in the inventory: archiveWaiting (5min).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                                 Node node
@Param('warning only looks, critical also sets the command')                                                   Severity severity = Severity.WARNING
@Param('the archive_command to set; needed with critical')                                                     String command
@Param(value = 'how long the archive may be behind; the threshold unless given', min = '0s', max = '365 days') Duration longer
@Param(value = 'how long to wait until something is archived', min = '1s', max = '7 days')                     Duration patience = 2.minutes

def server = node ?: cluster.formerPrimary
def limit = longer ?: cluster.thresholds.archiveWaiting()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def archiving = step('1. what fails, since when, and how much waits?') { server.archiving(limit) }
table archiving

step('2. what does the server say when it fails?') {
    try {
        note server.postmaster.endOfLog() ?: 'look for "archive command failed" in its log'
    } catch (Problem e) {
        note "its log cannot be read: ${e.fact()}"
    }
}
step('3. is the target full?') { note evidence.disks().join('\n') }
step('4. do a command and a library contradict each other?') {
    note archiving.command() && archiving.library() ? 'yes: from PostgreSQL 16 on the server then archives nothing' : 'no'
}

def finding = step('the finding') { archiving.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
table([
    new Rung('mend the target: space, credentials, clock; the server tries again by itself', 'nothing', '-'),
    new Rung('try the command by hand on the host, as the server\'s user', 'nothing',
        (archiving.command() ?: '-').replace('%p', "pg_wal/${archiving.failing() ?: 'NAME'}").replace('%f', archiving.failing() ?: 'NAME')),
    new Rung('archive elsewhere for now', 'WAL is in two places', "$finding.next -p severity=critical -p command='...'")])

if (severity == Severity.WARNING) {
    return
}
refuseIf !command, "nothing says how to archive; name it: -p command='...'"
refuseIf Archiving.keepsNothing(command), "the command \"$command\" keeps nothing: no restore would lead past it"
confirm server, "Archive with \"$command\" instead of \"${archiving.command()}\"?"

undo("set the archive_command \"${archiving.command()}\" again") {
    server.sql.execute("alter system set archive_command = '${archiving.command().replace("'", "''")}'")
    server.sql.execute('select pg_reload_conf()')
}
step('set the command') {
    server.sql.execute("alter system set archive_command = '${command.replace("'", "''")}'")
    server.sql.execute('select pg_reload_conf()')
}
step('wait until all that waited is archived') {
    waitUntil('nothing waits for the archive', patience) { server.archiving(limit).well }
}
def after = step('look again') { server.archiving(limit) }
note "${after.last()} is archived, nothing waits"
warn 'make the setting permanent where your configuration is kept: it is in postgresql.auto.conf now'
