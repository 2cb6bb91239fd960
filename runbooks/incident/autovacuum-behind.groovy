/**
 * Find tables that autovacuum is behind with, and why, and tables and indexes that are half empty; with severity=critical
 * vacuum.
 *
 * Dead rows are read by every query and take room that a vacuum would make free again within the files; the
 * files themselves rarely get smaller by it. Before you vacuum ask why autovacuum did not: it may be turned
 * off, all of its workers busy, or old rows kept by somebody who might still want to see them.
 *
 * How much of the files is free room is estimated, see health/performance. What a vacuum has made free is filled
 * anew; only if most of a file is free for good is it worth building anew. An index can be at any time, without
 * keeping anybody out.
 *
 * Symptom: tables and indexes grow although the rows do not get more; queries slow down week by week.
 *
 * May: vacuum the tables, one after the other and gently, after asking, and let autovacuum come again to one
 * for which it was turned off, or to the whole server, after asking again. One that somebody locks is left alone. Never VACUUM FULL.
 *
 * Thresholds in the inventory: deadRows (1000000 of one table, and twice what autovacuum should leave), bloat (100MB: smaller
 * tables and indexes are not looked at).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                      Node node
@Param('warning only looks, critical also vacuums')                                 Severity severity = Severity.WARNING
@Param('only this table, with its schema')                                          String name
@Param(value = 'from how many dead rows on; the threshold unless given', min = '1') Integer limit

def server = node ?: cluster.primary
def most = limit ?: cluster.thresholds.deadRows()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def found = step('1. which tables is it behind with, in all databases?') { server.deadRows(most) }
if (found.behind()) { table found.behind() } else { note 'none' }
step('2. can it work, and has it workers left?') { table found.autovacuum() }
def holders = step('3. who keeps dead rows from being removed?') { server.xminHolders }
if (holders) { table holders } else { note 'nobody' }
step('4. what is being vacuumed just now?') {
    def vacuums = server.vacuums
    if (vacuums) { table vacuums } else { note 'nothing' }
}
def bloat = step('5. how much of the files is free room?') { server.bloat(cluster.thresholds.bloat()) }
if (bloat.wasteful()) { table bloat.wasteful() } else { note "no table or index of ${bloat.limit()} is half empty, as far as it can be told" }

def finding = step('the finding') { found.finding() }
table([finding] + bloat.findings().findAll { it.verdict() != Verdict.OK })
def smaller = bloat.wasteful().collect { one ->
    new Rung("make ${one.name()} of ${one.database()} smaller by ${one.free()}, if it does not fill again",
        one.index() ? 'the disks; it takes the same room once more meanwhile' : 'VACUUM FULL locks everybody out; either takes the same room once more', one.remedy())
}
if (finding.verdict() == Verdict.OK) {
    if (smaller) { table smaller }
    return
}
def off = found.behind().findAll { !it.enabled() && (!name || it.name() == name) }
def holder = holders.find { it.holds() > 0 }
table([
    holder ? new Rung("end $holder, if it is old: what died since cannot be removed", 'see there',
        "pgrunbook run incident/${holder.what().playbook()} $cluster")
        : new Rung('nobody keeps dead rows', 'nothing', '-'),
    found.autovacuum().on() ? new Rung('autovacuum is on', 'nothing', '-')
        : new Rung('turn autovacuum on', 'the disks are busy', "$finding.next -p severity=critical"),
    new Rung('vacuum the tables' + (off ? ', and let autovacuum come again' : ''), 'the disks are busy; standbys get more WAL', "$finding.next -p severity=critical"),
    new Rung('let autovacuum work faster', 'the disks', "ALTER SYSTEM SET autovacuum_vacuum_cost_limit = 2000; SELECT pg_reload_conf();")] + smaller)

if (severity == Severity.WARNING) {
    return
}
def chosen = found.behind().findAll { !name || it.name() == name }
refuseIf !chosen && name, "autovacuum is not behind with $name"
if (!found.autovacuum().on()) {
    confirm server, 'Turn autovacuum on? It is off for the whole server.'
    step('turn autovacuum on') { server.alterSystem('autovacuum', 'on') }
    warn 'make the setting permanent where your configuration is kept: it is in postgresql.auto.conf now'
}
if (!chosen) {
    return
}
confirm server, "Vacuum ${chosen*.name().join(', ')}, one after the other? The disks will be busy."
chosen.each { one ->
    step("vacuum ${one.name()} of ${one.database()}") { server.vacuum(one) }
}
if (off) {
    confirm server, "Let autovacuum come again to ${off*.name().join(', ')}?"
    step('let autovacuum come again') { off.each { server.enableAutovacuum(it) } }
}
def after = step('look again') { server.deadRows(most) }
def left = chosen.findAll { after.named(it.name()) != null }*.name()
refuseIf !left.empty, "still full of dead rows: ${left.join(', ')}; ${holder ? "$holder keeps them" : 'somebody locks them, or writes that fast'}"
note "${chosen.size()} tables are vacuumed; their files keep their size, and are filled anew"
