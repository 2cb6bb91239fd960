/**
 * Show what restore/point-in-time would do, with the same parameters. It changes nothing.
 *
 * It makes the same plan by the same rules, so what it refuses the restore would refuse: a target that cannot be reached,
 * objects or WAL that are missing, a node that is no ground for it. A part of the backup is read to tell how long the
 * download takes; with read=true every object of it is, and its WAL, and what is damaged is named (exit 1). With --json
 * every table is an event.
 */
@Target Cluster cluster
@Param('the node that it would go onto, to be looked at as well')                            Node onto
@Param('stop after the last commit at or before this time')                                  Instant time
@Param('stop at this position in the WAL')                                                   Lsn lsn
@Param('stop at this restore point')                                                         String name
@Param('stop after this transaction')                                                        String xid
@Param('stop where the backup ends, as soon as its data are consistent')                     Boolean immediate = false
@Param('whether what lies exactly at a time, lsn or xid is still replayed')                  Boolean inclusive = true
@Param('the backup to begin with; found by the target unless given')                         String backup
@Param(value = 'the timeline to follow; the newest of the backup unless given', min = '1')   Integer timeline
@Param('OLD=/new/location for each tablespace that goes elsewhere')                          List<String> tablespaces = []
@Param(value = 'how many processes would unpack on the host at once', min = '1', max = '64') Integer processes = 2
@Param('read every object of the backup, and its WAL')                                       Boolean read = false

def repository = cluster.repository
def target = RecoveryTarget.of(time, lsn, name, xid, immediate, inclusive)

def plan = step('choose the backup, and prove that its WAL leads to the target') {
    repository.planRestore(target, backup, timeline, tablespaces)
}
table plan.summary()
table plan.timelines()
if (plan.placements()) { table plan.placements() }

table step('read a part of it to tell how long the download takes') { repository.estimate(plan, processes) }

if (read) {
    step('read every object of it, and its WAL') {
        repository.requireSound(repository.verify(plan.backup.id, processes).damages() + repository.verifyWal([plan.backup.id]).damages())
    }
}
if (onto) {
    def ground = step("look at $onto") { onto.lookAtGround(plan, Existing.ASIDE) }
    note ground.occupied ? "with existing=aside, ${ground.occupied.join(' and ')} would be moved aside; without, it is refused"
                         : "nothing is in the way on $onto"
}
note "finding: $plan.backup.id and its WAL lead to $target; nothing was changed"
