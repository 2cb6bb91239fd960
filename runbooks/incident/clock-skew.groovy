/**
 * Find out whether the clocks of the nodes and of this machine agree. It changes nothing.
 *
 * Each server and each host is asked what time it is, three times; from the shortest answer it is known to half of its
 * time how far they are apart. If all are off by the same it is this machine's clock that is wrong. Logs of two nodes
 * can be put in order only if their clocks agree; a restore to a time means the time of the server that wrote the WAL;
 * S3 refuses requests that are 15 minutes off, TLS certificates that are not valid yet; lag in seconds is the difference of
 * two clocks. LSNs, locks and failover do not go by clocks.
 *
 * Symptom: S3 says RequestTimeTooSkewed; a standby's lag is negative or constant; rows from the future.
 *
 * May: nothing but look.
 *
 * Threshold in the inventory: clockSkew (2s).
 */
@Target Cluster cluster
@Param('the same as with warning: this playbook changes nothing') Severity severity = Severity.WARNING
@Param('only this node; all unless given')                        Node node

def nodes = node ? [node] : [cluster.primary] + cluster.standbys
def clocks = nodes.collect { one ->
    step("1. what time is it on $one?") { one.clock(cluster.thresholds.clockSkew()) }
}
table clocks.collect { [node: it.node(), server: it.server().toString(), host: it.host().toString(), synchronised: it.synchronised()] }
step('2. how far are they apart from each other?') {
    note "${Durations.show(clocks*.server()*.ahead().max() - clocks*.server()*.ahead().min())} at most"
}

def findings = step('the finding') { clocks.collect { it.finding() } }
table findings
def off = findings.findAll { it.verdict() != Verdict.OK }
if (!off) {
    return
}
table([
    off.size() == clocks.size() && clocks.size() > 1 ? new Rung('all are off: look at the clock of this machine first', 'nothing', 'timedatectl')
        : new Rung("look at what keeps the clock of ${off*.node().join(', ')} right", 'nothing', 'chronyc tracking; timedatectl'),
    new Rung('let chrony slew it: it runs faster or slower until it is right', 'nothing', 'systemctl start chrony'),
    new Rung('step it only while its server is down', 'times in the WAL go backwards', 'chronyc makestep'),
    new Rung('until then name a restore\'s target by xid, LSN or restore point', 'nothing', '-')])
