/**
 * After a change of versions, hosts or configuration: prove that a cluster is what the inventory says, and that a write, its
 * replication, its archive and its backups work.
 *
 * Nothing is believed that can be tried: something is committed, and has to be applied by every standby; a WAL segment is
 * closed, and has to come back from the repository as it was in pg_wal. Then come all checks of incident/triage. It fails (1)
 * if anything is critical, and looks at all of it first.
 *
 * It commits a message into the WAL, which no table keeps, and ships the WAL that waits. With archive=false no WAL segment is
 * closed.
 *
 * Thresholds in the inventory: all of them.
 */
@Target Cluster cluster
@Param(value = 'how long a write may take to each standby, and a WAL segment into the archive', min = '1s', max = '1h') Duration patience = 60.seconds
@Param('take a WAL segment through the archive into the repository and back') Boolean archive = true

def primary = cluster.primary
def standings = cluster.topology.standings().findAll { it.kind() != Standing.Kind.SPARE }

def roles = step('1. is every node what the inventory declares?') {
    def wrong = standings.findAll { it.unknown || !it.asDeclared }
    wrong ? new Finding(wrong.any { it.unknown } ? Verdict.CRIT : Verdict.WARN, 'roles', wrong.first().node(),
        "not as declared: ${wrong.collect { it.unknown ? "${it.node()} (${it.remark()})" : "${it.node()} is a ${it.kind().name().toLowerCase()}" }.join(', ')}".toString(),
        "pgrunbook run replication/write-roles $cluster".toString())
        : Finding.ok('roles', primary, 'every node is what the inventory declares')
}
def versions = step('2. do all servers have the same version, and are they of one database system?') {
    def up = standings.findAll { !it.unknown }
    def all = up*.version().toSet()
    def systems = up*.systemIdentifier().toSet()
    systems.size() > 1 ? new Finding(Verdict.CRIT, 'versions', primary, "the nodes hold ${systems.size()} database systems".toString(), null)
        : all.size() > 1 ? new Finding(Verdict.WARN, 'versions', primary, "the servers are of ${all.sort().join(', ')}".toString(), 'update the standbys first, then switch over')
        : Finding.ok('versions', primary, "all servers are ${all.join()}".toString())
}
def before = Lsn.parse(primary.sql.value(String, 'select pg_current_wal_insert_lsn()::text'))
def begun = now()
step('3. does the primary take writes?') { primary.proveWrite(patience) }
def arrived = cluster.standbys.collect { standby ->
    step("4. does the write come to $standby?") {
        try {
            waitUntil("$standby has applied it", patience) { standby.hasApplied(before) }
            Finding.ok('replication', standby, 'what is committed on the primary is applied here')
        } catch (Problem e) {
            new Finding(Verdict.CRIT, 'replication', standby, "a write does not come here: ${e.fact()}".toString(), "pgrunbook run incident/replication-lag $cluster".toString())
        }
    }
}
measure 'from the commit until all standbys had applied it', Duration.between(begun, now())

def stored = step('5. does WAL go through the archive into the repository?') {
    if (cluster.spec().repository().empty) {
        return new Finding(Verdict.WARN, 'archive', primary, 'the inventory names no repository: there are no backups', null)
    }
    if (!archive) {
        return new Finding(Verdict.UNKNOWN, 'archive', primary, 'nobody has tried: archive=false', null)
    }
    try {
        def closed = primary.closeSegment()
        primary.awaitArchived(cluster.repository, closed, patience)
        holding(cluster.wal, patience) { primary.shipWal(cluster.repository, 2) }
        cluster.repository.requireStored(closed)
        Finding.ok('archive', primary, "what is in pg_wal is the same in the repository")
    } catch (Problem e) {
        new Finding(Verdict.CRIT, 'archive', primary, "WAL does not come into the repository: ${e.fact()}".toString(), "pgrunbook run incident/archiver-failing $cluster".toString())
    }
}
def backup = step('6. is there a backup, and is it complete?') {
    if (cluster.spec().repository().empty) {
        return cluster.backupAgeUnknown('the inventory names no repository of it')
    }
    try {
        def complete = cluster.repository.recoverability.backups().findAll { it.state() == Recoverability.COMPLETE }.collect { it.ended().orElse(null) }
        cluster.backupAge(complete ? complete.max() : null, now())
    } catch (Problem e) {
        cluster.backupAgeUnknown(e.fact())
    }
}
step('7. who speaks TLS?') {
    ([primary] + cluster.standbys).each { one ->
        def shown = one.credentials(cluster.thresholds.certificate(), false).shown()
        note shown ? "$one shows ${shown.subject()}, valid until ${shown.notAfter()}" : "$one does not"
    }
}
def led = step('8. do the poolers lead to the primary?') {
    cluster.poolerUse.collect { one ->
        def where = "the pooler at ${one.pooler()}${one.database() ? ", database ${one.database()}," : ''}"
        one.obstacle() ? new Finding(Verdict.UNKNOWN, 'poolers', primary, "nobody can tell where $where leads: ${one.obstacle()}".toString(), null)
            : one.leadsTo() == primary.toString() ? Finding.ok('poolers', primary, "$where leads to it".toString())
            : new Finding(Verdict.WARN, 'poolers', primary, "$where leads to ${one.leadsTo()}".toString(), 'right if it is meant for reading, or for another cluster')
    }
}
def settings = ([primary] + cluster.standbys).collect { one ->
    step("9. does a setting of $one put data at risk?") {
        def advice = one.settingAdvice.finding()
        advice.verdict() == Verdict.CRIT ? advice : Finding.ok('settings', one, 'no setting puts data at risk')
    }
}
def triage = step('10. what does triage find?') { cluster.triage }
def all = step('sum up') { ([roles, versions, stored] + arrived + led + settings).inject(triage.with(backup)) { sum, one -> sum.with(one) } }
if (all.wrong()) { table all.wrong() } else { note 'nothing is wrong' }
table all.fine()
step('is anything critical?') { all.requireNothingCritical() }
