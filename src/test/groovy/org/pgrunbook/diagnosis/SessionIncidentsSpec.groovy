package org.pgrunbook.diagnosis


/** Sessions and locks: each incident is created by its drill, found by triage and solved by its playbook. */
class SessionIncidentsSpec extends IncidentContract {
    @Override
    List<List> incidents() {
        [['blocking-chain', /3 sessions wait for locks, the longest for .+; in the way is \d+ \(.+ of "import", idle in transaction for /],
         ['lock-queue', /3 sessions have to wait, the longest for .+ because \d+ wants AccessExclusiveLock on pgrunbook_drill and does not get it/],
         ['runaway-query', /1 statement has been running for longer than 1\.0 s, the longest for .+: \d+ of postgres of "report"/],
         ['high-connections', /finding: \d+ of 97 \(8\d %\) are taken, \d+ of them by application "storefront" of user "postgres", idle; 0 sit/],
         // The last one: from then on those that are left alone sit idle in a transaction, too.
         ['idle-in-transaction', /[34] sessions sit idle in a transaction for longer than 1\.0 s/]]
            .collect { incident, finding -> [incident, 'pg1', 'pg1', [], finding] }
    }

    @Override
    void prepare(String incident) {
        if (incident == 'idle-in-transaction') {
            practice.bystandersBegin()
        }
    }

    @Override
    List<Object> state() {
        [practice.sessions()]
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

    def "a severity that does not exist is said to be none, with the ones there are"() {
        when:
        def result = practice.demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'severity=critcal')

        then:
        result.exit == 2
        result.err.startsWith('error: parameter "severity" is no one of warning, critical but "critcal"\nHINT: Did you mean "critical"?')
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
