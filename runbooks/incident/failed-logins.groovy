/**
 * Find out who wants to log in and cannot: from where, as whom, and why. It changes nothing.
 *
 * No statistics view counts failed logins, so the server's log is read on its host, its last 64 MB. What is in it came from
 * outside: names are shown as they were sent, and never run. One user from many hosts is a password that was changed, or has
 * ended; many users from one host is somebody who tries.
 *
 * Symptom: "password authentication failed", "no pg_hba.conf entry"; an application cannot connect since its password was
 * changed; logins at night that nobody knows.
 *
 * May: nothing but look.
 *
 * Threshold in the inventory: failedLogins (20 an hour).
 */
@Target Cluster cluster
@Param('the server; the primary unless given')                    Node node
@Param('the same as with warning: this playbook changes nothing') Severity severity = Severity.WARNING
@Param(value = 'how far back to look', min = '1s', max = '30 days')      Duration window = 1.hours

def server = node ?: cluster.primary

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def found = step('1. who could not log in, from where, and why?') { server.failedLogins(window, cluster.thresholds.failedLogins()) }
note "read: ${found.file() ?: 'nothing'}"
if (found.groups()) { table found.groups().take(20) } else { note 'nobody' }
step('2. what cannot be known?') { note found.reserves().join('; ') ?: 'nothing of it' }
def ending = step('3. has a password ended?') { cluster.primary.credentials(cluster.thresholds.certificate(), false).roles().findAll { it.over() } }
note ending ? "yes: ${ending*.role().join(', ')}" : 'no'

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
table([
    new Rung('one user from its usual hosts: give the application its password again, or the role more time', 'nothing', "pgrunbook run incident/expiring-credentials $cluster"),
    new Rung('no entry in pg_hba.conf: add one, as narrow as can be, and let the server read it', 'nothing', "pgrunbook run incident/configuration $cluster"),
    new Rung('a host that nobody knows: shut it out by the firewall, or a reject line at the top of pg_hba.conf', 'who shares that address', '-'),
    new Rung('a role that is tried and not needed', 'its logins', 'ALTER ROLE name NOLOGIN;')])
