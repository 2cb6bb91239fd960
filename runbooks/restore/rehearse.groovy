/**
 * Rehearse a restore: restore a backup onto a scratch folder, prove it, measure how long it takes, and remove it again.
 *
 * The newest backup, or the one that is named, is restored up to the end of the archive onto a spare, or into a folder of
 * any node's host. The copy has a configuration of its own: it listens on the host's loopback alone (without a password in
 * the inventory on a socket that only its owner can open), archives, follows and subscribes to nothing, and never touches a
 * data directory that is there. That recovery reached its target is proved;
 * then every page's checksum is computed, pg_amcheck looks at tables and indexes where the host has it, and a query of
 * yours is asked. Last of all the copy is removed, after a failure too.
 *
 * The result goes into the repository, and so does a failure; "pgrunbook backups" shows it. RPO is how old the newest
 * moment was that could be restored; on an idle cluster it grows although nothing would be lost. RTO is the time from the
 * beginning to the first query that the copy answered.
 */
@Target Cluster cluster
@Param('the node on whose host; the first spare unless given')                                           Node onto
@Param('the folder on that host, empty or not there; beside the data directory of a spare unless given') String folder
@Param('the backup to rehearse; the newest unless given')                                                String backup
@Param('stop after the last commit at or before this time; at the end of the archive unless given')      Instant time
@Param('stop where the backup ends, without the WAL after it')                                           Boolean immediate = false
@Param('a query that answers one value, to be asked of the copy')                                        String query
@Param('what it has to answer')                                                                          String expect
@Param('the database to ask it in; that of the inventory unless given')                                  String database
@Param('compute the checksum of every page')                                                             Boolean pages = true
@Param('let pg_amcheck look at every table and index')                                                   Boolean amcheck = true
@Param('libraries to load at the start that recovery or the query need; others, such as pg_cron, would begin to work') String libraries
@Param(value = 'shared_buffers of the copy', min = '128kB', max = '64GB')                                DataSize memory = 128.MB
@Param('leave the copy there, running')                                                                  Boolean keep = false
@Param(value = 'how many processes unpack and check on the host at once', min = '1', max = '64')         Integer processes = 2
@Param(value = 'how long recovery, and each check, may take', min = '1s', max = '7 days')                Duration patience = 12.hours

def repository = cluster.repository
def target = RecoveryTarget.of(time, null, null, null, immediate, true)
def began = now()

def host = step('choose the host') { cluster.rehearsalHost(onto, folder) }
def chosen = step('choose the backup, and prove that its WAL leads to the target') {
    repository.planRestore(target, backup, null, [])
}
def scratch = step("look for a place on $host") { host.scratch(chosen, folder) }
def plan = scratch.plan(chosen)
def copy = scratch.server()
note "$plan.backup.id is rehearsed in $scratch.folder of $host"
def rehearsal = step('look how far it could be restored now') { repository.rehearsal(scratch, plan, began) }
rehearsal = rehearsal.after('plan', now())

undo('record that it failed') { repository.recordFailure(rehearsal, it) }
if (!keep) {
    undo('stop the copy and remove it') { scratch.clear() }
}
step('take the folder')             { scratch.claim() }
step('unpack the files')            { copy.restoreFiles(plan, repository, processes) }
rehearsal = rehearsal.after('files', now())
step('fetch the WAL for recovery')  { copy.fetchWal(plan, repository, processes) }
rehearsal = rehearsal.after('WAL', now())
step('give it a configuration of its own, so that it reaches nobody') { scratch.isolate(libraries, memory) }
step('write the recovery settings') { copy.configureRecovery(plan) }
step('make it startable')           { copy.makeStartable(plan, repository) }

def proof = step("recover up to $target") { copy.recover(plan, patience) }
step('prove that it stopped there') { copy.prove(plan, proof) }
step('open it for writes')          { copy.endRecovery(plan, patience) }
rehearsal = rehearsal.after('recovery', now())
def detached = step('ask it the first query: is it detached?') { copy.restoredCopy(plan).detached() }
rehearsal = rehearsal.answered(now())
note "it answers, and is detached from $cluster: $detached"

step('compare the versions of collations') {
    copy.collationMismatches().each { warn "the collations of $host are not those that sorted the text indexes of database \"$it\": a restore there needs them rebuilt" }
}
if (query) {
    rehearsal = rehearsal.with(step('ask it your query') { scratch.checkAnswer(query, expect, database, patience) })
    rehearsal = rehearsal.after('query', now())
}
rehearsal = rehearsal.with(step('look at every table and index') {
    amcheck ? scratch.amcheck(processes, patience) : Rehearsal.Check.skipped('amcheck', 'amcheck=false')
})
rehearsal = rehearsal.after('amcheck', now())
step('stop it')                     { copy.stop(patience) }
rehearsal = rehearsal.with(step('compute the checksum of every page') {
    pages ? scratch.checkPages(plan, patience) : Rehearsal.Check.skipped('pages', 'pages=false')
})
rehearsal = rehearsal.after('pages', now())

table rehearsal.phases()
table rehearsal.checks()
table rehearsal.summary()
measure 'RPO', rehearsal.rpo()
measure 'RTO', rehearsal.rto().orElse(null)
step('write the result into the repository') { repository.recordRehearsal(rehearsal) }

if (keep) {
    step('start it again, to be left there') { copy.postmaster.start(patience) }
    note "it is left on $host: psql 'host=${copy.spec().sql().host()} port=$scratch.port user=${copy.spec().sql().user()}'; to remove it, stop it and remove $scratch.folder"
} else {
    step('remove it') { scratch.clear() }
}
note "finding: $plan.backup.id can be restored"
