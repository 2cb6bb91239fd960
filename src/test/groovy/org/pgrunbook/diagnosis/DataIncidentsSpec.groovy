package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Practice
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Timeout

import java.util.concurrent.TimeUnit

/** What goes wrong with tables, indexes and transactions: each incident is created by its drill and solved by its playbook. */
@Timeout(300)
class DataIncidentsSpec extends Specification {
    @Shared @AutoCleanup Practice practice = new Practice(DemoSandbox.up(18))

    def "#incident is named first by triage, looked at by warning and solved by critical, with nobody else touched"() {
        given: 'neighbours that are well'
        practice.demo.execute('pg1', 'create table if not exists neighbour (id serial primary key, name text)',
            'create index if not exists neighbour_name on neighbour (name)')
        def drill = practice.drill(incident)
        def untouchable = practice.untouchable()

        when:
        def first = practice.triageNames(incident)
        def before = state()
        def looked = practice.demo.cli.run('run', "incident/$incident", 'demo')

        then: 'warning only looks, says what it found, and names the next command'
        first.contains("pgrunbook run incident/$incident demo -p node=pg1")
        looked.exit == 0
        looked.out.contains("pgrunbook run incident/$incident demo -p node=pg1 -p severity=critical")
        looked.out =~ finding
        state() == before
        !drill.done

        when: 'nobody says what to act on, or nobody agrees'
        def unnamed = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')
        def unconfirmed = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'severity=critical', *choice, '--yes')

        then:
        unnamed.exit == 3
        unnamed.err.startsWith('error: nothing says which ')
        unconfirmed.exit == 3
        unconfirmed.err.contains('--confirm=demo/pg1')
        state() == before

        when:
        def acted = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'severity=critical', *choice, '--confirm=demo/pg1')

        then: 'it is solved, which ends the drill'
        acted.exit == 0
        with(drill.get(60, TimeUnit.SECONDS)) {
            exit == 0
            out.contains('from incident to solution: ')
        }
        practice.untouchable() == untouchable

        where:
        incident                | choice                                                | finding
        'prepared-transactions' | ['-p', 'gid=drill-4711', '-p', 'outcome=rollback']    | /1 prepared transaction waits for a decision, the oldest for .+: "drill-4711" holds \d locks/
        'invalid-indexes'       | ['-p', 'index=public.pgrunbook_drill_balance']        | /1 index is not valid: public\.pgrunbook_drill_balance of table pgrunbook_drill in database postgres/
        'sequence-exhaustion'   | ['-p', 'sequence=public.pgrunbook_drill_id_seq']      | /97 % of the numbers of sequence public\.pgrunbook_drill_id_seq \(integer\) are used, in database postgres/
    }

    def "a transaction that is prepared and in the way is told as such: there is no process to end"() {
        given:
        practice.demo.execute('pg1', 'create table if not exists orders (id int)', 'truncate orders', 'insert into orders values (1)')
        practice.demo.execute('pg1', "begin; update orders set id = 2; prepare transaction 'gone'")
        def waiter = practice.connect('app', 'web')
        def waiting = Thread.startVirtualThread { waiter.createStatement().execute('update orders set id = 3') }

        when:
        practice.triageNames('blocking-chain')
        def acted = practice.demo.cli.run('run', 'incident/blocking-chain', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        acted.exit == 3
        acted.err.startsWith('error: there is no session in the way that could be ended')
        acted.out.contains('a prepared transaction is in the way')
        acted.out.contains('pgrunbook run incident/prepared-transactions demo -p node=pg1')

        cleanup:
        practice.demo.execute('pg1', "rollback prepared 'gone'")
        waiting?.join()
    }

    def "an integer column that is nearly full takes a migration, and its sequence is not widened"() {
        given:
        practice.demo.execute('pg1', 'create table tickets (id serial primary key)', "select setval('tickets_id_seq', 2000000000)")

        when:
        def looked = practice.demo.cli.run('run', 'incident/sequence-exhaustion', 'demo')
        def acted = practice.demo.cli.run('run', 'incident/sequence-exhaustion', 'demo', '-p', 'severity=critical', '-p', 'sequence=public.tickets_id_seq', '--confirm=demo/pg1')

        then:
        looked.out.contains('93 % of the numbers of tickets.id (integer) are used')
        acted.exit == 3
        acted.err.startsWith('error: more numbers of public.tickets_id_seq would not fit its column, a integer')

        cleanup:
        practice.demo.execute('pg1', 'drop table tickets')
    }

    def "#incident is for a primary: on a standby it says so"() {
        when:
        def asked = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'node=pg2')

        then:
        asked.exit == 3
        asked.err.startsWith('error: pg2 is a standby, and this is done on a primary')

        where:
        incident << ['invalid-indexes', 'sequence-exhaustion']
    }

    /** What a playbook that only looks must not change. */
    private List<Object> state() {
        ["select array_agg(gid::text) from pg_prepared_xacts", "select array_agg(indexrelid::regclass::text) from pg_index where not indisvalid",
         "select array_agg(seqmax order by seqrelid) from pg_sequence"].collect { practice.demo.ask('pg1', it)?.toString() }
    }
}
