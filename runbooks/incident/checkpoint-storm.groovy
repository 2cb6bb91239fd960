/**
 * Find out whether checkpoints come too often because so much WAL is written; with severity=critical raise
 * max_wal_size.
 *
 * A checkpoint should come by the time (checkpoint_timeout). If it comes because max_wal_size is reached it comes too
 * early, and after each one every page that is changed goes into the WAL as a whole again: the WAL grows, the next one comes
 * even sooner, and the disks are busy all the time. Counters since some day tell nothing of now: it is looked at twice.
 *
 * Symptom: "checkpoints are occurring too frequently" in the server's log; write latency in waves; much more WAL than data.
 *
 * May: set max_wal_size to what is given with size, after asking, if the disk has room for that. It sets the old value again
 * if it fails.
 *
 * Threshold in the inventory: checkpoints (30s).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                   Node node
@Param('warning only looks, critical also raises max_wal_size')                                  Severity severity = Severity.WARNING
@Param(value = 'the new max_wal_size; needed with critical', min = '32MB', max = '2TB')          DataSize size
@Param(value = 'how long to watch', min = '1s', max = '10min')                                   Duration over = 5.seconds
@Param(value = 'how often they may come; the threshold unless given', min = '0s', max = '1 day') Duration limit

def server = node ?: cluster.primary
def often = limit ?: cluster.thresholds.checkpoints()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def found = step('1. how often does a checkpoint come, and why?') { server.checkpoints(over, often) }
table found
step('2. who writes that much?') {
    def busy = server.activity(cluster.protection).all().findAll { it.state() == 'active' }
    if (busy) { table busy.collect { [pid: it.pid(), user: it.user(), application: it.application(), since: it.since()] } }
    def vacuums = server.vacuums
    if (vacuums) { table vacuums }
}
def room = step('3. is there room for more WAL?') { server.diskUsage(cluster, false).folders().find { it.what() == 'pg_wal' } }
note "${room.free()} are left on ${room.fileSystem()}"

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
table([
    new Rung('let the import write in smaller portions, or at night', 'it takes longer', '-'),
    new Rung('raise max_wal_size', 'recovery after a crash takes longer; the disk fills by so much', "$finding.next -p severity=critical -p size=${found.recommended().bytes() >> 30}GB"),
    new Rung('compress whole pages in the WAL', 'some CPU', "ALTER SYSTEM SET wal_compression = 'lz4';"),
    new Rung('let checkpoints come more seldom by the time, too', 'recovery after a crash takes longer', "ALTER SYSTEM SET checkpoint_timeout = '15min';")])

if (severity == Severity.WARNING) {
    return
}
refuseIf !size, "nothing says how large max_wal_size is to be; give it, such as -p size=${found.recommended().bytes() >> 30}GB"
refuseIf size <= found.maxWalSize(), "max_wal_size is ${found.maxWalSize()} already"
refuseIf room.free() < size, "only ${room.free()} are left on ${room.fileSystem()}: with so much WAL it may be full"
confirm server, "Set max_wal_size to $size instead of ${found.maxWalSize()}? Recovery after a crash takes longer then."
undo("set max_wal_size to ${found.maxWalSize()} again") { server.alterSystem('max_wal_size', "${found.maxWalSize().bytes() >> 20}MB") }
step('set max_wal_size') { server.alterSystem('max_wal_size', "${size.bytes() >> 20}MB") }
def after = step('look again') { server.checkpoints(over, often) }
refuseIf after.maxWalSize() != size, "max_wal_size still is ${after.maxWalSize()}: something sets it over postgresql.auto.conf"
note "if it is written on like this, a checkpoint comes every ${Durations.show(after.every())}, before it was every ${Durations.show(found.every())}"
warn 'make the setting permanent where your configuration is kept: it is in postgresql.auto.conf now'
