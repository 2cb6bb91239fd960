/**
 * A page is not what the server wrote: find out which pages of which tables and indexes, and whether a standby has them
 * whole; with severity=critical build a damaged index anew.
 *
 * Checksums are computed when a page is read, so what the server has met may not be all. The files are read from the
 * disk here, page by page: those that its log names, or the relation that you name, or, with all=true, everything. The
 * disk that gave a wrong page will give others: copy and move away from it before you mend.
 *
 * Symptom: "invalid page in block", "page verification failed", SQLSTATE XX001; pg_stat_database.checksum_failures grows.
 *
 * May: build the index that is named with index anew, after asking. It never sets zero_damaged_pages or
 * ignore_checksum_failure, and writes into no damaged table.
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                          Node node
@Param('warning only looks, critical also builds an index anew')        Severity severity = Severity.WARNING
@Param('read only this table or index, with its schema')                String relation
@Param('the database of relation, and of all=true')                     String database = 'postgres'
@Param('read every page of the database: that takes its time')          Boolean all = false
@Param('the damaged index to build anew, with its schema; needed with critical') String index

def server = node ?: cluster.primary

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def counted = step('1. what has the server met, in which databases?') { server.damagedPages }
if (counted.failures()) { table counted.failures() } else { note 'nothing, since its statistics were reset' }
def named = step('2. which files does its log name?') { server.filesNamedInLog }
note named ? named.join(', ') : 'none, or its log is not on its host'
def files = relation || all ? step('look for the files') { server.relationFiles(database, relation ?: '') } : named
def found = step('3. which pages are damaged on the disk?') { server.readPages(files) }
if (found.pages()) { table found.pages() }
note "${found.pages().size()} of ${found.read()} pages that were read"
step('4. do the other nodes have them whole?') {
    (cluster.standbys + [cluster.primary]).findAll { it != server && found.pages() }.each { other ->
        def also = other.alsoDamaged(found)
        note also ? "no: $other has ${also.size()} of them damaged too" : "yes: on $other all of them are whole"
    }
}

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
String again = finding.next
def first = found.relations() ? found.relations().first() : 'NAME'
table([
    new Rung('copy the data directory as it is, before anything else, and look at the host\'s disks', 'nothing', 'dmesg; smartctl'),
    found.pages() ? new Rung('these are the damaged pages', 'nothing', '-')
        : new Rung('read all pages: the server meets only what somebody reads', 'the disk is busy', "$again -p all=true -p database=${counted.failures() ? counted.failures().first().database() : 'NAME'}"),
    server.name == cluster.primary.name ? new Rung('move to a standby that has them whole', 'writes stop for a moment', "pgrunbook run replication/switchover $cluster")
        : new Rung('clone the standby anew', 'reads from it', "pgrunbook run replication/rejoin $cluster -p node=$server -p way=clone"),
    found.onlyIndexes ? new Rung('build the index anew from its table', 'the disk is busy', "$again -p severity=critical -p index=$first${relation || all ? " -p relation=$first -p database=$database" : ''}")
        : new Rung('restore beside, and copy the table from there', 'nothing on the cluster', "pgrunbook run restore/point-in-time $cluster -p onto=NODE"),
    new Rung('last of all, on a copy: zero_damaged_pages, pg_surgery', 'the rows of those pages are gone for good', '-')])

if (severity == Severity.WARNING) {
    return
}
refuseIf !index, "nothing says which index to build anew; name it, such as -p index=$first"
def page = found.named(index)
refuseIf !page, "no page of $index was found damaged"
refuseIf !page.index(), "$index is no index: it cannot be built anew from anything; a standby or a backup has it"
confirm server, "Build index $index of database ${page.database()} anew from its table?"
step('build it anew') { server.rebuild(page) }
def after = step('look again') { server.readPages(server.relationFiles(page.database(), index)) }
refuseIf !after.pages().empty, "$index is damaged again: the disk is not to be trusted"
note "all ${after.read()} pages of $index are whole; the disk that gave a wrong page still has to be looked at; triage names what the server has counted for a day"
