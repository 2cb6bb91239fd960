package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Practice
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Timeout

import java.util.concurrent.TimeUnit

/** Sessions and locks: each incident is created by its drill, found by triage and solved by its playbook. */
@Timeout(300)
class SessionIncidentsSpec extends Specification {
    @Shared @AutoCleanup Practice practice = new Practice(DemoSandbox.up(18))

    def "#incident is named first by triage, looked at by warning and solved by critical, with nobody else touched"() {
        given:
        if (incident == 'idle-in-transaction') {
            practice.bystandersBegin()
        }
        def drill = practice.drill(incident)
        def untouchable = practice.untouchable()

        when:
        def first = practice.triageNames(incident)
        def before = practice.sessions()
        def looked = practice.demo.cli.run('run', "incident/$incident", 'demo')

        then: 'warning only looks, says what it found, and names the next command'
        first.contains("pgrunbook run incident/$incident demo -p node=pg1")
        looked.exit == 0
        looked.out.contains("pgrunbook run incident/$incident demo -p node=pg1 -p severity=critical")
        looked.out =~ finding
        practice.sessions() == before
        !drill.done

        when: 'nobody agrees'
        def unconfirmed = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'severity=critical', '--yes')

        then:
        unconfirmed.exit == 3
        unconfirmed.err.contains('--confirm=demo/pg1')
        practice.sessions() == before

        when:
        def acted = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then: 'it is solved, which ends the drill'
        acted.exit == 0
        with(drill.get(60, TimeUnit.SECONDS)) {
            exit == 0
            out.contains('from incident to solution: ')
        }
        practice.untouchable() == untouchable
        untouchable.size() == 5

        where:
        incident              | finding
        'blocking-chain'      | /3 sessions wait for locks, the longest for .+; in the way is \d+ \(.+ of "import", idle in transaction for /
        'lock-queue'          | /3 sessions have to wait, the longest for .+ because \d+ wants AccessExclusiveLock on pgrunbook_drill and does not get it/
        'runaway-query'       | /1 statement has been running for longer than 1\.0 s, the longest for .+: \d+ of postgres of "report"/
        'idle-in-transaction' | /[34] sessions sit idle in a transaction for longer than 1\.0 s/
    }

    def "a session in the way that works is cancelled before it is ended, and a session that is protected is neither"() {
        given: 'the root of the chain carries out a statement'
        practice.demo.execute('pg1', 'create table if not exists works (id int)', 'truncate works', 'insert into works values (1)')
        def root = practice.connect('app', 'import')
        def waiter = practice.connect('app', 'web')
        root.autoCommit = false
        root.createStatement().execute('update works set id = 2')
        def working = Thread.startVirtualThread { attempt { root.createStatement().execute('select pg_sleep(600)') } }
        practice.demo.eventually { practice.demo.ask('pg1', "select count(*) from pg_stat_activity where query = 'select pg_sleep(600)'") == 1 }
        def waiting = Thread.startVirtualThread { waiter.createStatement().execute('update works set id = 3') }
        practice.triageNames('blocking-chain')

        when:
        def acted = practice.demo.cli.run('run', 'incident/blocking-chain', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then: 'what failed in a transaction keeps its locks no longer'
        acted.exit == 0
        working.join(10_000) == null
        waiting.join(10_000) == null
        acted.out =~ /told +\d+/ || acted.out.contains('cancel its statement')

        when: 'the same of a protected application'
        def billing = practice.connect('app', 'billing')
        billing.autoCommit = false
        billing.createStatement().execute('update works set id = 4')
        def again = Thread.startVirtualThread { waiter.createStatement().execute('update works set id = 5') }
        practice.triageNames('blocking-chain')
        def refused = practice.demo.cli.run('run', 'incident/blocking-chain', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        refused.exit == 3
        refused.err =~ /error: \d+ \(app of "billing", idle in transaction for .+\) is protected/
        again.alive

        cleanup:
        billing?.rollback()
        again?.join()
    }

    def "a playbook goes by the name that its forerunner had"() {
        expect:
        practice.demo.cli.run('show', 'incident/slow-queries').out.contains('longer than') ||
            practice.demo.cli.run('show', 'incident/slow-queries').out.contains('running for too long')
    }

    def "a drill refuses to break what is not marked for it"() {
        given:
        def text = new File(practice.demo.cli.environment.PGRUNBOOK_INVENTORY).text
        def unmarked = practice.demo.inventory(text.replaceAll(/(?m)^ +tags: .*\n/, ''))

        when:
        def result = unmarked.run('run', "drill/$drill", 'demo')

        then:
        result.exit == 3
        result.err.startsWith('error: node "demo/pg1" is no place to practise\nHINT: Practise in the sandbox: pgrunbook sandbox up.')
        result.err.contains('state: nothing was changed')

        where:
        drill << new File(System.getProperty('pgrunbook.home'), 'runbooks/drill').list().collect { it - '.groovy' }
    }

    private static void attempt(Closure<?> what) {
        try {
            what()
        } catch (java.sql.SQLException ignored) {
            // It was cancelled, which is what was wanted.
        }
    }
}
