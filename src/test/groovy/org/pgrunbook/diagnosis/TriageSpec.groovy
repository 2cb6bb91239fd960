package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Practice
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise
import spock.lang.Timeout

import java.util.concurrent.TimeUnit

@Stepwise
@Timeout(300)
class TriageSpec extends Specification {
    @Shared @AutoCleanup Practice practice = new Practice(DemoSandbox.up(15))

    def "on a healthy cluster nothing is wrong, and it says what it has looked at on which nodes"() {
        when:
        def triage = triage()

        then:
        triage.exit == 0
        triage.out.contains('nothing is wrong')
        wrong(triage.out) == []
        triage.out =~ /blocking-chain +pg1, pg2, pg3 +nobody waits for a lock/
        triage.out =~ /inactive-slot +pg1, pg2, pg3 +no unused slot keeps more WAL than 16 MB/
        triage.out =~ /split-brain +pg1 +it is the only one to take writes/
    }

    def "two incidents at once are both named, the worse first"() {
        given: 'one that is an emergency from twice its limit on, and one that never is within this time'
        def chain = practice.drill('blocking-chain')
        def slot = practice.drill('inactive-slot')

        when:
        practice.demo.eventually { practice.demo.ask('pg1', "select count(*) from pg_replication_slots where slot_name = 'subscriber'") == 1 }
        practice.triageNames('blocking-chain', 'crit')
        def both = wrong(triage().out)

        then:
        both[0] =~ /^crit +blocking-chain +pg1 /
        both.find { it.contains(' inactive-slot ') } =~ /^warn /

        cleanup:
        practice.solve('blocking-chain')
        practice.solve('inactive-slot', '-p', 'slot=subscriber')
        [chain, slot]*.get(60, TimeUnit.SECONDS)
    }

    def "a role without a privilege is told which one it lacks"() {
        given:
        practice.demo.execute('pg1', "create role looker login password 'secret'")

        when:
        def triage = practice.as('looker', 'secret').run('run', 'incident/triage', 'demo')

        then:
        triage.exit == 0
        triage.out =~ /unknown +triage +pg1 +nobody can tell: role "looker" must not see what other sessions do +Allow it: GRANT pg_monitor TO "looker";/

        when:
        practice.demo.execute('pg1', 'grant pg_monitor to looker')

        then:
        with(practice.as('looker', 'secret').run('run', 'incident/triage', 'demo').out) {
            contains('nothing is wrong')
            it =~ /configuration +pg1, pg2, pg3 +no setting waits for a restart; our role must not look into the files/
        }
    }

    def "a server that lets nobody in is named, and the other nodes are looked at all the same"() {
        given:
        def taken = practice.takeAllConnections()

        when:
        def triage = triage()

        then:
        triage.exit == 0
        wrong(triage.out)[0] =~ /^crit +high-connections +pg1 +it lets nobody in: all connections are taken +pgrunbook run incident\/high-connections demo -p node=pg1/
        triage.out =~ /blocking-chain +pg2, pg3 +nobody waits for a lock/

        cleanup:
        taken*.close()
    }

    def "the checklist of the day tells each check with its verdict, and a monitoring system reads one line of it"() {
        given:
        practice.demo.execute('pg1', "create role temp login valid until 'yesterday'", "alter system set max_connections = 99")
        practice.demo.execute('pg1', 'select pg_reload_conf()')

        when:
        def told = practice.demo.cli.run('doctor', 'demo')
        def lines = practice.demo.cli.run('doctor', 'demo', '--json')
        def line = practice.demo.cli.run('doctor', 'demo', '--monitor')

        then: 'something critical is a failure'
        told.exit == 1
        told.err.startsWith('error: 2 findings are critical\nHINT: Begin with: ')
        told.out =~ /(?m)^crit +expiring-credentials +pg1 +passwords that have ended, or will within two weeks: temp/
        told.out =~ /(?m)^crit +backup-too-old +- +there is no backup +pgrunbook run incident\/backup-too-old demo/
        told.out =~ /(?m)^warn +configuration +pg1 +changed, and not in force before a restart: max_connections/
        told.out =~ /(?m)^disk-full +pg1, pg2, pg3 +no file system is 99 % full/

        and:
        def objects = lines.out.readLines().collect { Json.object(it) }
        objects*.kind.toSet() == ['check', 'figure'] as Set
        objects*.v.toSet() == [1L] as Set || objects*.v.toSet() == [1] as Set
        objects.find { it.check == 'expiring-credentials' && it.node }.verdict.toString().equalsIgnoreCase('crit')
        objects.find { it.name == 'connections' }.unit == '%'

        and:
        line.exit == 2
        line.err == ''
        line.out.readLines().size() == 1
        line.out.startsWith('PGRUNBOOK CRITICAL - demo: ')
        line.out =~ / \| .*'demo_pg1_connections'=\d+%;80;95;0 'demo_pg1_pg_wal'=\d+B;\d+;;0 .*'demo_pg2_connections'=/

        when: 'it is mended'
        practice.demo.execute('pg1', 'drop role temp', 'alter system reset max_connections', 'select pg_reload_conf()')
        practice.demo.backup()
        def well = practice.demo.cli.run('doctor', 'demo', '--monitor')

        then:
        well.exit == 0
        well.out =~ /^PGRUNBOOK OK - demo: \d+ checks are fine \| /
        well.out =~ /'demo_backup_age'=\d+s;93600;187200;0/
        practice.demo.cli.run('doctor', 'demo').exit == 0

        and: 'what cannot be looked at is unknown, never ok'
        with(practice.demo.cli.run('doctor', 'dmeo', '--monitor')) {
            exit == 3
            out.startsWith('PGRUNBOOK UNKNOWN - cluster "dmeo" is not in the inventory')
        }
        practice.demo.cli.run('doctor', 'demo', '--monitor', '--json').exit == 2
    }

    def "a host that swallows packets is told as silent, and holds nobody up"() {
        given: 'a standby at whose port calls are taken, and never answered'
        def deaf = new ServerSocket(0, 50, InetAddress.loopbackAddress)
        def text = new File(practice.demo.cli.environment.PGRUNBOOK_INVENTORY).text
        def cli = practice.demo.inventory(text.replace("sql: { port: ${practice.demo.port('pg3')} }", "sql: { port: $deaf.localPort }"))

        when:
        def triage = cli.run('run', 'incident/triage', 'demo')

        then:
        triage.exit == 0
        wrong(triage.out)[0] =~ /^warn +standby-down +pg3 +it does not answer: no answer within 5.0 s +pgrunbook run incident\/standby-down demo -p node=pg3/
        triage.out =~ /blocking-chain +pg1, pg2 +nobody waits for a lock/

        cleanup:
        deaf?.close()
    }

    def "a check that hangs is unknown, and the only one: the others are made all the same, and nobody fails over for it"() {
        given: 'somebody has locked a catalog'
        def migration = practice.connect('app', 'migration')
        migration.autoCommit = false
        migration.createStatement().execute('lock table pg_sequence in access exclusive mode')

        when:
        def triage = triage()

        then:
        triage.exit == 0
        wrong(triage.out).findAll { it.startsWith('unknown') }.size() == 1
        wrong(triage.out)[0] =~ /^unknown +sequence-exhaustion +pg1 +nobody can tell: no answer in time; .+ pgrunbook run incident\/sequence-exhaustion demo -p node=pg1/
        triage.out =~ /(?m)^ +invalid-indexes +pg1 +every index is valid/
        triage.out =~ /(?m)^ +checkpoint-storm +pg1 /
        triage.out =~ /(?m)split-brain +pg1 +it is the only one to take writes/
        !triage.out.contains(' failover ')

        cleanup:
        migration?.rollback()
    }

    def "a primary that is gone is named, with the playbook that tells whether to fail over"() {
        given:
        practice.demo.sandbox.kill('pg1')

        when:
        def triage = triage()
        def playbook = practice.demo.cli.run('run', 'incident/failover', 'demo')

        then:
        triage.exit == 0
        wrong(triage.out)[0] =~ /^crit +failover +pg1 +no node takes writes, and it does not answer: .* +pgrunbook run incident\/failover demo/
        triage.out =~ /blocking-chain +pg2, pg3 +nobody waits for a lock/

        and:
        playbook.exit == 0
        playbook.out.contains('finding: pg1 is down')
        playbook.out.contains('pgrunbook run replication/failover demo')
    }

    def "also when the inventory claims another node to be the primary"() {
        given: 'it was not written down when the roles moved'
        def text = new File(practice.demo.cli.environment.PGRUNBOOK_INVENTORY).text
        def stale = practice.demo.inventory(text.replaceFirst('role: primary', 'role: later').replaceFirst('role: standby', 'role: primary')
            .replaceFirst('role: later', 'role: standby'))

        when:
        def triage = stale.run('run', 'incident/triage', 'demo')

        then:
        triage.exit == 0
        wrong(triage.out)[0] =~ /^crit +failover +pg1 +no node takes writes, and it does not answer: .* +pgrunbook run incident\/failover demo/
        !triage.out.contains('standby-down')
        stale.run('run', 'incident/failover', 'demo').out.contains('finding: pg1 is down')

        when: 'somebody is the primary again, the dead one is a standby that is missing'
        practice.demo.execute('pg2', 'select pg_promote()')
        def after = stale.run('run', 'incident/triage', 'demo')

        then:
        wrong(after.out).find { it.contains(' pg1 ') } =~ /^warn +standby-down +pg1 /
        !after.out.contains(' failover ')
    }

    def "several silent nodes, and nothing tells which was the primary: that is one finding"() {
        given: 'the inventory claims a standby that lives'
        practice.demo.sandbox.kill('pg2')
        def text = new File(practice.demo.cli.environment.PGRUNBOOK_INVENTORY).text
        def stale = practice.demo.inventory(text.replaceFirst('role: primary', 'role: standby').replaceFirst(/(?s)(pg3:.*?role: )standby/, '$1primary'))

        when:
        def triage = stale.run('run', 'incident/triage', 'demo')

        then:
        triage.exit == 0
        wrong(triage.out).findAll { it =~ / (failover|standby-down) / }.size() == 1
        wrong(triage.out)[0] =~ /^crit +failover +pg1 +no node takes writes, and one of these did: pg1 \(.+\), pg2 \(.+\) +pgrunbook run incident\/failover demo/
    }

    private triage() {
        practice.demo.cli.run('run', 'incident/triage', 'demo')
    }

    private static List<String> wrong(String out) {
        out.readLines().findAll { it =~ /^(crit|warn|unknown) / }
    }
}
