/**
 * Find out whether what is in the configuration files is in force, and whether the server could start with it; with
 * severity=critical let it read them.
 *
 * A mistake in a file shows only when the server reads it: at a reload it keeps what it had and says so in its log alone,
 * at a restart it does not come up. So it is looked for before. What waits for a restart is told, and not done: the
 * standbys go first with most of those settings.
 *
 * Symptom: a changed setting or rule of pg_hba.conf has no effect; "configuration file contains errors" in the log; a server
 * does not start after a change.
 *
 * May: let the server read its files, after asking, if there is no mistake in them, and look whether a new session still
 * gets in. It edits no file and restarts nothing. A reload cannot be taken back; what was in force before is kept in the
 * journal.
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                          Node node
@Param('warning only looks, critical also lets it read its files')      Severity severity = Severity.WARNING

def server = node ?: cluster.primary

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def found = step('1. would the server read its files, and start with them?') { server.configurationFiles }
if (!found.readable()) { warn 'our role must not look into the files: only what waits for a restart is known' }
if (found.mistakes()) { table found.mistakes() } else { note 'no mistake is known' }
step('2. which files were changed, and not read since?') { note found.unread().join(', ') ?: 'none' }
step('3. which settings wait for a restart?') { note found.waiting().join(', ') ?: 'none' }

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
table([
    found.mistakes() ? new Rung("correct ${found.mistakes().first()}", 'nothing', '-') : new Rung('there is no mistake to correct', 'nothing', '-'),
    new Rung('let the server read its files', 'what they say is in force for all new statements', "$finding.next -p severity=critical"),
    found.waiting() ? new Rung("restart it when it suits, the standbys first, for ${found.waiting().join(', ')}", 'all sessions', '-')
        : new Rung('nothing waits for a restart', 'nothing', '-')])

if (severity == Severity.WARNING) {
    return
}
refuseIf !found.mistakes().empty, "the server would not read them; correct first: ${found.mistakes().join('; ')}"
refuseIf found.unread().empty, "nothing waits to be read${found.waiting() ? "; only a restart brings ${found.waiting().join(', ')} in force" : ''}"
step('keep the settings that are in force') {
    server.sql.rows("select name, setting, sourcefile, sourceline from pg_settings where source <> 'default' order by name")
}
confirm server, "Let $server read ${found.unread().join(', ')}?"
step('let it read its files') { server.reload() }
step('look whether a new session gets in') { server.sql.session().withCloseable { it.value('select 1') } }
def after = step('look again') { server.configurationFiles }
refuseIf !after.unread().empty, "still not read: ${after.unread().join(', ')}"
note after.finding().finding()
