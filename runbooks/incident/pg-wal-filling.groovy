/**
 * Find out what keeps old WAL in pg_wal; with severity=critical let the server remove it.
 *
 * The server removes WAL by itself as soon as nobody needs it any more, so the cure is to end the need: a
 * slot or a failing archive have playbooks of their own. To delete a file in pg_wal by hand ends in a
 * server that cannot recover, and in backups that cannot be restored.
 *
 * Symptom: pg_wal grows; the disk below it fills; "No space left on device", then PANIC.
 *
 * May: set wal_keep_size to what is given with keep, after asking, and let the server write a checkpoint,
 * at whose end it removes what nobody needs. It never deletes WAL.
 *
 * Threshold in the inventory: walSize (twice the server's max_wal_size).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                    Node node
@Param('warning only looks, critical also sets and writes a checkpoint')                          Severity severity = Severity.WARNING
@Param(value = 'the wal_keep_size to set, if that is what keeps the WAL', min = '0', max = '2TB') DataSize keep
@Param(value = 'how much old WAL it may hold; the threshold unless given', min = '0')             DataSize limit
@Param(value = 'how long the checkpoint and the removal may take', min = '1s', max = '7 days')    Duration patience = 10.minutes

def server = node ?: cluster.formerPrimary
def most = limit ?: cluster.thresholds.walSize()

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def usage = step('1. how much is it, and who keeps how much?') { server.walUsage(most) }
note "${usage.total()} in all, ${usage.ahead()} of it files that are to be written anew"
table usage.keepers()
def again = step('2. does it grow?') { server.walUsage(most) }
note "${usage.held()} before, ${again.held()} now"
step('3. how much room is left on its disk?') { note evidence.disks().join('\n') }
step('4. would the server give up a slot before the disk is full?') {
    def fuse = server.setting('max_slot_wal_keep_size')
    note fuse == '-1' ? 'no: max_slot_wal_keep_size is not set' : "yes, from $fuse on (max_slot_wal_keep_size)"
}

def finding = step('the finding') { usage.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def culprit = usage.culprit()
def away = cluster.nodes.find { it.name == culprit.name() && culprit.what() == WalUsage.What.INACTIVE_SLOT }
String elsewhere = away ? "pgrunbook run incident/standby-down $cluster -p node=$away.name"
    : culprit.playbook() ? "pgrunbook run incident/${culprit.playbook()} $cluster -p node=$server.name" : '-'
def keeps = culprit.what() == WalUsage.What.WAL_KEEP_SIZE
table([
    new Rung('grow the volume, or free something else on it: incident/disk-full', 'nothing', '-'),
    culprit.playbook()
        ? new Rung("see to $culprit", 'see there', elsewhere)
        : keeps
            ? new Rung('keep less, and write a checkpoint', 'a standby without a slot that is further behind has to be built anew',
                "$finding.next -p severity=critical -p keep=1GB")
            : new Rung('write a checkpoint', 'the disks are busy for a while', "$finding.next -p severity=critical"),
    new Rung('let nobody delete files in pg_wal', 'the server, and every backup since', 'never')])

if (severity == Severity.WARNING) {
    return
}
refuseIf culprit.playbook() != null, "$culprit has to be seen to first: $elsewhere"
refuseIf culprit.what() == WalUsage.What.SUMMARIZER, 'the WAL summarizer is behind: look into the log why; without summarize_wal the next backup is a full one'
refuseIf keeps && keep == null, 'nothing says how much WAL to keep; give it, such as -p keep=1GB'
refuseIf keeps && keep >= usage.held(), "to keep $keep frees nothing: pg_wal holds ${usage.held()}"

if (keeps) {
    def before = step('note what is kept now') { server.setting('wal_keep_size') }
    confirm server, "Keep $keep of WAL instead of $before, and write a checkpoint? A standby without a slot that is further behind has to be built anew."
    undo("set wal_keep_size to $before again") { server.alterSystem('wal_keep_size', before) }
    step('keep less') { server.alterSystem('wal_keep_size', "${keep.bytes() >> 20}MB") }
    warn 'make the setting permanent where your configuration is kept: it is in postgresql.auto.conf now'
} else {
    confirm server, 'Write a checkpoint now? The disks will be busy for a while.'
}
step('write a checkpoint, which removes what nobody needs') { server.checkpoint(patience) }
def after = step('look again') { server.walUsage(most) }
refuseIf after.held() >= usage.held(), "pg_wal still holds ${after.held()} of old WAL; ${after.culprit()} keeps ${after.culprit().keeps()}"
note "pg_wal holds ${after.held()} of old WAL, before it was ${usage.held()}"
