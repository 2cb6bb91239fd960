package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Practice
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
        practice.as('looker', 'secret').run('run', 'incident/triage', 'demo').out.contains('nothing is wrong')
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

    def "a primary that is gone is named, with the playbook that tells whether to fail over"() {
        given:
        practice.demo.sandbox.kill('pg1')

        when:
        def triage = triage()
        def playbook = practice.demo.cli.run('run', 'incident/failover', 'demo')

        then:
        triage.exit == 0
        wrong(triage.out)[0] =~ /^crit +failover +pg1 +it does not answer: .* +pgrunbook run incident\/failover demo/
        triage.out =~ /blocking-chain +pg2, pg3 +nobody waits for a lock/

        and:
        playbook.exit == 0
        playbook.out.contains('finding: pg1 is down')
        playbook.out.contains('pgrunbook run replication/failover demo')
    }

    private triage() {
        practice.demo.cli.run('run', 'incident/triage', 'demo')
    }

    private static List<String> wrong(String out) {
        out.readLines().findAll { it =~ /^(crit|warn|unknown) / }
    }
}
