/**
 * Set up WAL archiving on all servers of a cluster, and prove it with a real segment.
 *
 * Each server is to leave its WAL in the spool of its own host: a standby too, for the day on which it is promoted. Shown
 * first is what differs; then the spool is made and archive_command, archive_mode, archive_timeout and, if it is too low,
 * wal_level are written by ALTER SYSTEM. It asks before it replaces what somebody else has set up. What takes effect at a
 * restart only waits for that: give restart=true, and agree, or restart the servers yourself and run this again.
 *
 * Then a segment is closed on the primary, waited for in the spool, shipped, and read back from the repository. If that
 * fails the settings are as before. Where nothing differs nothing is changed; prove=true proves it all the same.
 */
@Target Cluster cluster
@Param(value = 'archive_timeout: how soon a segment is closed that is not full; 5 min unless there is one already', min = '1s', max = '7 days') Duration timeout
@Param('restart the servers that need it, standbys first')                                    Boolean restart = false
@Param('prove it even if nothing differs')                                                    Boolean prove = false
@Param(value = 'how long to wait for the segment to be archived', min = '1s', max = '7 days') Duration patience = 2.minutes

lock cluster.wal

def repository = cluster.repository
def primary = cluster.primary
def members = [primary] + cluster.standbys

step('make sure that the repository lets us in') { repository.probe() }
def setups = members.collect { node ->
    step("compare $node with what it should be") { node.planArchiving(repository, timeout) }
}
(cluster.nodes - members).findAll { it.spec().role().name() != 'SPARE' }.each {
    warn "$it could not be asked: run this again when it is back"
}
def differing = setups.findAll { it.differences() }
def changing = setups.findAll { it.toBeChanged }
if (differing) {
    table differing.collectMany { it.differences() }
    differing.findAll { it.command() }.groupBy { it.command() }.each { command, where ->
        note "archive_command of ${where*.node().join(', ')}: $command"
    }
} else {
    note 'nothing differs'
    if (!prove) {
        return
    }
}
def replaced = changing.findAll { it.replaced() }
if (replaced) {
    def what = replaced.groupBy { it.replaced() }.collect { was, where -> "the $was of ${where*.node().join(', ')}" }
    confirm cluster, "Replace ${what.join(', and ')}?"
}
def waiting = setups.findAll { it.needsRestart() }
if (waiting && restart) {
    confirm cluster, "Restart ${waiting*.node().join(', ')}? That ends all sessions there."
}

changing.each { setup ->
    undo("set on $setup.node what was set before") { setup.takeBack() }
    step("make the spool and write the settings of $setup.node") { setup.apply() }
}
if (waiting && !restart) {
    warn "${waiting*.node().join(', ')} must be restarted before it archives; then, or with restart=true, run this again to prove it"
    return
}
waiting.reverse().each { setup ->
    step("restart $setup.node") { setup.node().postmaster.restart() }
}

def closed = step('close a WAL segment that holds something') { primary.closeSegment() }
step('wait until the server has archived it')           { primary.awaitArchived(repository, closed, patience) }
step('ship it')                                         { primary.shipWal(repository, 1) }
step('read it back, and compare it with what was in pg_wal') { repository.requireStored(closed) }
note "finding: $closed.wal went from pg_wal through the spool into the repository, and is the same there"
