/**
 * The primary does not answer: find out whether it is down, and which command to run next. It changes
 * nothing.
 *
 * A server that cannot be reached is not necessarily down: it may be starting, full, or only cut off
 * from here. So it is asked over SQL, its host over SSH, and its standbys what they last heard.
 *
 * There is no drill of its own: in the sandbox "pgrunbook sandbox kill pg1" makes the incident.
 *
 * Symptom: connections to the primary fail; applications cannot write.
 *
 * May: nothing but look; replication/failover promotes.
 */
@Target Cluster cluster
@Param('the same as with warning: this playbook never promotes by itself') Severity severity = Severity.WARNING

def evidence = step('1. is it down, by SQL, by its host and by its standbys?') { cluster.assess(5.seconds) }
def old = evidence.node
table evidence.signals
def down = step('2. what does the evidence say?') {
    try {
        evidence.requireDown(false)
        ''
    } catch (Problem e) {
        ([e.fact()] + e.hints()).join('; ')
    }
}
step('3. which standby is the most advanced?') { table cluster.rankStandbys(evidence).candidates }

if (down) {
    note "finding: $old is not proved to be down: $down"
    table([
        new Rung('look at its host and its log', 'nothing', '-'),
        new Rung('start it, if it does not run', 'nothing', "pg_ctl start on $old"),
        new Rung('move to another node while it lives', 'writes stop for a moment', "pgrunbook run replication/switchover $cluster")])
} else {
    note "finding: $old is down"
    table([
        new Rung('start it again, if its host and disks are well', 'nothing', "pg_ctl start on $old"),
        new Rung('promote the most advanced standby', 'what it had not received is lost', "pgrunbook run replication/failover $cluster")])
}
