/**
 * Find the passwords and certificates that have ended, or will soon. It changes nothing.
 *
 * A password with a VALID UNTIL ends at that moment for new logins; sessions go on, so that it shows only when the
 * application or a standby connects anew. A certificate is looked at as the server shows it to whoever connects, and in
 * its file: a renewed one is not in use before a reload.
 *
 * Symptom: "password authentication failed" of a role that worked yesterday; "certificate has expired"; standbys do not
 * come back after a restart.
 *
 * May: nothing but look. New passwords and certificates come from where you keep them.
 *
 * Threshold in the inventory: certificate (30d).
 */
@Target Cluster cluster
@Param('the same as with warning: this playbook changes nothing') Severity severity = Severity.WARNING
@Param('only this node; all unless given')                        Node node

def nodes = node ? [node] : [cluster.primary] + cluster.standbys
def all = nodes.collect { one ->
    step("1. when do the passwords and the certificate of $one end?") { one.credentials(cluster.thresholds.certificate(), true) }
}
def roles = all.collectMany { it.roles() }
if (roles) { table roles } else { note 'no password ends within two weeks' }
step('2. which certificate does each server show, and which is in its file?') {
    all.each { one ->
        if (!one.shown()) {
            note "${one.node()} does not speak TLS"
        } else {
            note "${one.node()} shows ${one.shown().subject()}, number ${one.shown().serial()}, valid until ${one.shown().notAfter()}" +
                (one.renewedButUnread ? "; its file holds number ${one.filed().serial()}, valid until ${one.filed().notAfter()}" : '')
        }
    }
}

def findings = step('the finding') { all.collect { it.finding() } }
table findings
if (findings.every { it.verdict() == Verdict.OK }) {
    return
}
table(roles.collect { new Rung("give ${it.role()} more time, then a new password", 'nothing', "ALTER ROLE \"${it.role().replace('"', '""')}\" VALID UNTIL 'infinity';") } +
    all.findAll { it.renewedButUnread }.collect { new Rung("let ${it.node()} read its new certificate", 'nothing', 'SELECT pg_reload_conf();') } +
    [new Rung('put a new certificate and its key in place, the key readable by the server alone, and reload', 'clients that know only the old authority', 'SELECT pg_reload_conf();'),
     new Rung('look again: only what the server shows counts', 'nothing', "pgrunbook run incident/expiring-credentials $cluster")])
