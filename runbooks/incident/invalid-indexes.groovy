/**
 * Find indexes whose concurrent build failed; with severity=critical build one anew.
 *
 * No query uses such an index, but every write pays for it, and a unique one may already refuse rows.
 * One that a REINDEX CONCURRENTLY left beside its original (_ccnew, _ccold) is of no use at all.
 *
 * Symptom: a query is slow although its index is there; a migration failed half-way.
 *
 * May: build the index that is named with index anew, or drop it if it is a leftover, after asking;
 * both CONCURRENTLY, so that nobody waits for it. Never one that is being built at this moment.
 */
@Target Cluster cluster
@Param('warning only looks, critical also mends')                      Severity severity = Severity.WARNING
@Param('the index to mend, with its schema; needed with critical')     String index
@Param('the server; the primary unless given')                         Node node

def server = node ?: cluster.primary

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def found = step('1. which indexes are not valid, in all databases?') { server.invalidIndexes }
if (found.indexes()) { table found.indexes() } else { note 'none' }
step('2. is an index being built?') {
    def builds = server.sql.rows('select pid, datname, relid::regclass::text as "table", phase from pg_stat_progress_create_index')
    if (builds) { table builds } else { note 'no' }
}
step('3. is there room for another copy?') { note evidence.disks().join('\n') }

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def name = index ?: found.indexes().first().name()
table([
    new Rung('find out why its build failed: duplicates, a deadlock, a timeout', 'nothing', '-'),
    new Rung('build it anew, or drop a leftover', 'nobody waits; it reads and writes a lot', "$finding.next -p severity=critical -p index=$name"),
    new Rung('drop it, if nobody misses it', 'nothing', "DROP INDEX CONCURRENTLY $name;")])

if (severity == Severity.WARNING) {
    return
}
refuseIf !index, "nothing says which index to mend; name it, such as -p index=$name"
def chosen = found.named(index)
refuseIf !chosen, "index $index is valid, or being built, or not there"
confirm server, "${chosen.leftover() ? 'Drop the leftover' : 'Build'} $index of table ${chosen.table()} in database ${chosen.database()}${chosen.leftover() ? '' : ' anew'}?"
step('mend it') { server.mend(chosen) }
def after = step('look again') { server.invalidIndexes }
refuseIf after.named(index) != null, "index $index still is not valid"
note "index $index is ${chosen.leftover() ? 'gone' : 'valid'}; ${after.indexes().size()} others are not valid"
