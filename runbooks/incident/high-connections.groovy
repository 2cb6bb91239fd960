/**
 * Find out who takes the connections of a server that runs out of them; with severity=critical give some back.
 *
 * With severity=warning it only looks: it answers the questions of this incident from one picture of all sessions, and names
 * what could be done about it. With severity=critical it then ends sessions, in this order and each after asking: those that
 * sit idle in a transaction, then idle ones of one application, the longest idle first and only until enough are free. A
 * session that does anything meanwhile is left alone, and so are those that the inventory protects.
 *
 * If not even one connection is left for it, it shows the server's processes as its host sees them, and ends nothing.
 *
 * Symptom: "too many clients already", "remaining connection slots are reserved".
 *
 * May: end sessions that sit idle in a transaction, then idle ones of one application, each after
 * asking, and only until enough are free.
 *
 * Thresholds in the inventory: connections (80 percent), connectionsCritical (95), idleInTransaction (5min), idle (1h).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                                                        Node node
@Param('warning only looks, critical also ends sessions')                                             Severity severity = Severity.WARNING
@Param('whose idle sessions to end; the one with the most unless given')                              String application
@Param(value = 'how long idle is too long; the threshold unless given', min = '0s', max = '365 days') Duration idle
@Param(value = 'the same for idle in a transaction', min = '0s', max = '365 days')                    Duration idleInTransaction

def limits = cluster.thresholds
def idleFor = idle ?: limits.idle()
def stuckFor = idleInTransaction ?: limits.idleInTransaction()
def protection = cluster.protection

// The first thing is a connection of our own. It is kept: later there may be none left.
def server = node ?: cluster.formerPrimary
def full = step('get a connection') { server.whyFull }
if (full) {
    warn "no connection is left for us: $full"
    def seen = step('look at its processes from the host') { server.serverProcesses }
    table seen.groups()
    table seen.ladder(full)
    refuseIf severity == Severity.CRITICAL, "$server lets nobody in, so nobody can tell which sessions may be ended"
    return
}
def usage = step('count the connections') { server.connectionUsage }
note "$usage of ${server}'s connections are taken"
def clients = step('take a picture of all sessions') { server.clients(protection) }

step('1. is it one user, application or client?')       { table clients.groups() }
step('2. are they active, idle or idle in transaction?') { table clients.states() }
step('3. do the active ones work, or wait?')             { table clients.waits() }
step('4. have they come just now?')                      { table clients.ages() }
step('5. do they come past the pooler, and does it let its clients wait?') {
    def poolers = cluster.poolerUse
    if (poolers) { table poolers } else { note 'the inventory has no pooler of this cluster' }
    table clients.addresses()
}
step('6. does a role or a database have a limit of its own?') {
    def own = server.connectionLimits
    if (own) { table own } else { note 'none has' }
}

def stuck = step('choose sessions that sit idle in a transaction') { clients.idleInTransaction(stuckFor) }
def app = application ?: clients.idlestApplication(idleFor).orElse(null)
def idlers = step('choose idle sessions of one application') { app == null ? [] as List<Backend> : clients.idle(app, idleFor) }

def most = clients.groups().find()
note "finding: $usage are taken" +
    (most ? ", ${most.count()} of them by application \"${most.application()}\" of user \"${most.user()}\", $most.state" : '') +
    "; ${stuck.size()} sit idle in a transaction for longer than ${Durations.show(stuckFor)}, " +
    "${idlers.size()} of application \"${app ?: '-'}\" are idle for longer than ${Durations.show(idleFor)}"
def again = "pgrunbook run incident/high-connections $cluster -p node=$server.name -p severity=critical" +
    (idle ? " -p idle=$idle" : '') + (idleInTransaction ? " -p idleInTransaction=$idleInTransaction" : '')
table cluster.advise(clients, stuck, idlers, again)

if (severity == Severity.WARNING) {
    return
}
if (usage.percent() < limits.connections()) {
    note "nothing was ended: $usage are less than ${limits.connections()} %"
    return
}
refuseIf !stuck && !idlers, 'no session may be ended: each works, is protected, or has not been idle for long enough'

if (stuck) {
    table stuck*.line()
    confirm server, "End ${stuck.size()} sessions that sit idle in a transaction? What they did in it is rolled back."
    step('end what sits idle in a transaction') { table server.end(stuck, protection) }
}
if (idlers) {
    table idlers*.line()
    confirm server, "End up to ${idlers.size()} idle sessions of application \"$app\", until less than ${limits.connections()} % are taken?"
    idlers.collate(10).eachWithIndex { batch, i ->
        if (server.connectionUsage.percent() >= limits.connections()) {
            step("end idle sessions of $app, batch ${i + 1}") { table server.end(batch, protection) }
        }
    }
}
def after = step('count again') { server.connectionUsage }
note "$after are taken, before it was $usage"
refuseIf after.used() >= usage.used(), "nothing was freed: $after are taken, before it was $usage"
refuseIf after.percent() >= limits.connectionsCritical(), "still $after of the connections are taken"
