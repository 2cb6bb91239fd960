/**
 * Find out who takes the connections of a server that runs out of them; with severity=critical give some back.
 *
 * With severity=warning it only looks: it answers the questions of this incident from one picture of all sessions, and names
 * what could be done about it. With severity=critical it then ends sessions, in this order and each after asking: those that
 * sit idle in a transaction, then idle ones of one application, the longest idle first and only until enough are free. A session that does anything meanwhile is left alone, and so are those that the inventory protects.
 *
 * Thresholds in the inventory: connections (80 percent), connectionsCritical (95), idleInTransaction (5min), idle (1h).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                               Node node
@Param('warning only looks, critical also ends sessions')                    Severity severity = Severity.WARNING
@Param('whose idle sessions to end; the one with the most unless given')     String application

def limits = cluster.thresholds
def protection = cluster.protection

// The first thing is a connection of our own. It is kept: later there may be none left.
def server = step('get a connection') { node ?: cluster.primary }
def usage = step('count the connections') { server.connectionUsage }
note "$usage of ${server}'s connections are taken"
def clients = step('take a picture of all sessions') { server.clients(protection) }

step('1. is it one user, application or client?')       { table clients.groups() }
step('2. are they active, idle or idle in transaction?') { table clients.states() }
step('3. do the active ones work, or wait?')             { table clients.waits() }
step('4. have they come just now?')                      { table clients.ages() }
step('5. do they come past the pooler?') {
    def poolers = cluster.spec().poolers()*.host()
    note poolers ? "poolers: ${poolers.join(', ')}" : 'the inventory has no pooler of this cluster'
    table clients.addresses()
}
step('6. does a role or a database have a limit of its own?') {
    def own = server.connectionLimits
    if (own) { table own } else { note 'none has' }
}

def stuck = step('choose sessions that sit idle in a transaction') { clients.idleInTransaction(limits.idleInTransaction()) }
def app = application ?: clients.idlestApplication(limits.idle()).orElse(null)
def idle = step('choose idle sessions of one application') { app == null ? [] as List<Client> : clients.idle(app, limits.idle()) }

def most = clients.groups().find()
note "finding: $usage are taken" +
    (most ? ", ${most.count()} of them by application \"${most.application()}\" of user \"${most.user()}\", $most.state" : '') +
    "; ${stuck.size()} sit idle in a transaction for too long, ${idle.size()} of application \"${app ?: '-'}\" are idle for too long"

if (severity == Severity.WARNING || usage.percent() < limits.connections()) {
    def again = "pgrunbook run incident/high-connections $cluster -p node=$server.name -p severity=critical"
    def role = most?.user() ?: 'ROLE'
    def rungs = [
        [next: 'ask the owners of the sessions above',      breaks: 'nothing',                    command: '-'],
        [next: 'let the pooler queue its clients',          breaks: 'clients wait',               command: 'PAUSE; at its console, later RESUME;'],
        [next: 'limit the role',                            breaks: 'its new logins fail',        command: "ALTER ROLE $role CONNECTION LIMIT n;"],
        [next: 'let the server end what is idle',           breaks: 'poolers lose servers',       command: "ALTER ROLE $role SET idle_session_timeout = '1h';"],
        [next: 'raise max_connections, the standbys first', breaks: 'restarts',                   command: 'ALTER SYSTEM SET max_connections = n;'],
    ]
    if (idle)  { rungs.add(2, [next: "end idle ones of $app", breaks: 'an error when next used', command: "$again -p application=$app"]) }
    if (stuck) { rungs.add(2, [next: 'end those idle in a transaction', breaks: 'their work is rolled back', command: again]) }
    table rungs
    if (severity == Severity.CRITICAL) {
        note "nothing was ended: $usage are less than ${limits.connections()} %"
    }
    return
}

if (stuck) {
    table stuck
    confirm server, "End ${stuck.size()} sessions that sit idle in a transaction? What they did in it is rolled back."
    step('end what sits idle in a transaction') { table server.end(stuck, protection) }
}
if (idle) {
    table idle
    confirm server, "End up to ${idle.size()} idle sessions of application \"$app\", until less than ${limits.connections()} % are taken?"
    idle.collate(10).eachWithIndex { batch, i ->
        if (server.connectionUsage.percent() >= limits.connections()) {
            step("end idle sessions of $app, batch ${i + 1}") { table server.end(batch, protection) }
        }
    }
}
def after = step('count again') { server.connectionUsage }
note "$after are taken, before it was $usage"
refuseIf after.percent() >= limits.connectionsCritical(), "still $after of the connections are taken"
