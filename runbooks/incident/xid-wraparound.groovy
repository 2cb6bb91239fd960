/**
 * Find out how far a server is from running out of transaction ids, and what keeps it from freezing old
 * rows; with severity=critical freeze them.
 *
 * A transaction id, and a multixact, is used again after 2 billion. Every older row has to be frozen before;
 * 3 million before the end the server refuses all writes. VACUUM freezes only what nobody may still want to
 * see: a forgotten transaction, slot or prepared transaction keeps it from that, so that goes first.
 *
 * Symptom: "database must be vacuumed within ... transactions"; autovacuum "(to prevent wraparound)" that
 * never ends.
 *
 * May: vacuum with FREEZE, after asking, the tables of the databases that are too old, the oldest first; the
 * indexes are left as they are, which is the fastest. It never cancels a vacuum that prevents wraparound.
 *
 * Threshold in the inventory: xidAge (300000000 transactions).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')      Node node
@Param('warning only looks, critical also freezes') Severity severity = Severity.WARNING
@Param('only this database')                        String database
@Param(value = 'how many transactions old a row may be; the threshold unless given', min = '1', max = '2000000000') Integer limit

def server = node ?: cluster.primary
def most = limit ?: cluster.thresholds.xidAge()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def age = step('1. how old are the databases?') { server.freezeAge(most) }
table age.databases()
note "${age.left()} transactions are left until it refuses writes"
def tables = step('2. which tables are the oldest?') { server.tablesOlderThan(most) }
if (tables) { table tables.take(10) } else { note "none is older than $most" }
def holders = step('3. who keeps VACUUM from freezing them?') { server.xminHolders }
if (holders) { table holders } else { note 'nobody' }
step('4. does a vacuum already work on it?') {
    def vacuums = server.vacuums
    if (vacuums) { table vacuums } else { note 'no' }
}

def finding = step('the finding') { age.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def holder = holders.find { it.holds() > most }
String see = holder ? "pgrunbook run incident/${holder.what().playbook()} $cluster -p node=${holder.what() == XminHolder.What.STANDBY ? holder.name() : server.name}" : '-'
table([
    new Rung('wait for the vacuum that prevents wraparound, if one works; never cancel it', 'nothing', '-'),
    holder ? new Rung("end $holder: nothing younger can be frozen", 'see there', see) : new Rung('nobody keeps old rows', 'nothing', '-'),
    new Rung('freeze the oldest tables', 'the disks are busy; standbys get more WAL', "$finding.next -p severity=critical"),
    new Rung('stop the writers', 'the application', '-')])

if (severity == Severity.WARNING) {
    return
}
refuseIf holder != null, "$holder keeps rows of the last ${holder?.holds()} transactions from being frozen; see to it first: $see"
def chosen = age.old().findAll { it.connectable() && (!database || it.database() == database) }*.database()
refuseIf !chosen, database ? "database $database is not too old" : 'only autovacuum may vacuum there: nobody may connect'
confirm server, "Freeze ${tables.count { it.database() in chosen }} tables of ${chosen.join(', ')}? The disks will be busy."
chosen.each { name ->
    step("freeze the old tables of $name") { server.freeze(tables.findAll { it.database() == name }) }
}
def after = step('look again') { server.freezeAge(most) }
table after.databases()
def left = after.old()*.database().findAll { it in chosen }
refuseIf !left.empty, "still too old: ${left.join(', ')}; a table that somebody locks was left out"
note "${after.left()} transactions are left, before it was ${age.left()}"
