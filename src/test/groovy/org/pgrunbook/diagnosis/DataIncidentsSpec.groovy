package org.pgrunbook.diagnosis

import spock.lang.Requires

import java.util.concurrent.TimeUnit

/** What goes wrong with tables, indexes and transactions: each incident is created by its drill and solved by its playbook. */
class DataIncidentsSpec extends IncidentContract {
    @Override
    int getUsualMajor() {
        15
    }

    @Override
    List<List> incidents() {
        [['prepared-transactions', 'pg1', 'pg1', ['-p', 'gid=drill-4711', '-p', 'outcome=rollback'],
          /1 prepared transaction waits for a decision, the oldest for .+: "drill-4711" holds \d locks/],
         ['invalid-indexes', 'pg1', 'pg1', ['-p', 'index=public.pgrunbook_drill_balance'],
          /1 index is not valid: public\.pgrunbook_drill_balance of table pgrunbook_drill in database postgres/],
         ['sequence-exhaustion', 'pg1', 'pg1', ['-p', 'sequence=public.pgrunbook_drill_id_seq'],
          /97 % of the numbers of sequence public\.pgrunbook_drill_id_seq \(integer\) are used, in database postgres/],
         ['xid-wraparound', 'pg1', 'pg1', [], /the oldest row of database (postgres|template1) that is not frozen is 4\d{4} transactions old; writes end in 21\d{8}/],
         ['autovacuum-behind', 'pg1', 'pg1', [],
          /public\.pgrunbook_drill of database postgres has 3000 dead rows, 75 % of all; autovacuum is off for it/],
         ['checkpoint-storm', 'pg1', 'pg1', ['-p', 'size=1GB'],
          /\d+(\.\d)? MB of WAL in \d.* s: with a max_wal_size of 32 MB a checkpoint comes every [4-9]/],
         ['temp-files', 'pg1', 'pg1', [], /\d+ \(postgres of "report", active for .+\) has \d+(\.\d)? MB of temporary files/]]
    }

    @Override
    void prepare(String incident) {
        // Neighbours that are well.
        practice.demo.execute('pg1', 'create table if not exists neighbour (id serial primary key, name text)',
            'create index if not exists neighbour_name on neighbour (name)')
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

    def "who keeps old rows from being frozen goes first: nothing is frozen as long as it does"() {
        given:
        def lunch = practice.connect('app', 'lunch')
        lunch.autoCommit = false
        lunch.createStatement().execute('select pg_current_xact_id()')
        practice.demo.execute('pg1', 'do $$ begin for i in 1 .. 2000 loop perform pg_current_xact_id(); commit; end loop; end $$')

        when:
        def acted = practice.demo.cli.run('run', 'incident/xid-wraparound', 'demo', '-p', 'limit=1000', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        acted.exit == 3
        acted.err =~ /error: session \d+ \(app of "lunch", idle in transaction\) keeps rows of the last 20\d\d transactions from being frozen; see to it first: pgrunbook run incident\/idle-in-transaction demo -p node=pg1/

        cleanup:
        lunch?.rollback()
    }

    def "multixacts run out as transaction ids do: they are counted, and frozen with them"() {
        given: 'a row that two transactions always lock at once'
        practice.demo.execute('pg1', 'create table shared_row as select 1 as id')
        def holder = practice.connect('app', 'web')
        holder.autoCommit = false
        holder.createStatement().execute('select * from shared_row for key share')
        practice.demo.execute('pg1', 'do $$ begin for i in 1 .. 1500 loop perform * from shared_row for key share; commit; end loop; end $$')
        holder.rollback()

        when:
        def looked = practice.demo.cli.run('run', 'incident/xid-wraparound', 'demo', '-p', 'limit=1000')

        then:
        multixacts() >= 1500
        looked.out =~ /(?m)^postgres +yes +\d+ +1[5-9]\d\d +/

        when:
        def acted = practice.demo.cli.run('run', 'incident/xid-wraparound', 'demo', '-p', 'limit=1000', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        acted.exit == 0
        multixacts() < 100

        cleanup:
        practice.demo.execute('pg1', 'drop table shared_row')
    }

    private long multixacts() {
        practice.demo.ask('pg1', "select mxid_age(datminmxid)::bigint from pg_database where datname = 'postgres'") as long
    }

    def "a statistic that is not collected is unknown, with the setting that turns it on"() {
        given:
        practice.demo.execute('pg1', 'alter system set track_counts = off', 'select pg_reload_conf()')

        expect:
        practice.triageNames('autovacuum-behind', 'unknown') =~ /nobody can tell: the server does not count dead rows.* ALTER SYSTEM SET track_counts = on/

        cleanup:
        practice.demo.execute('pg1', 'alter system reset track_counts', 'select pg_reload_conf()')
    }

    @Requires({ instance.major < 17 })
    def "a role that must not vacuum the tables of others is told so, before anything is done"() {
        expect:
        with(practice.tried(practice.looker(), 'node.freeze(node.tablesOlderThan(0))')) {
            exit == 3
            err.startsWith('error: role "looker" must not vacuum the tables of others\nHINT: Use a superuser: only from PostgreSQL 17 on there is pg_maintain.')
        }
    }

    def "#incident is for a primary: on a standby it says so"() {
        when:
        def asked = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'node=pg2')

        then:
        asked.exit == 3
        asked.err.startsWith('error: pg2 is a standby, and this is done on a primary')

        where:
        incident << ['invalid-indexes', 'sequence-exhaustion', 'xid-wraparound', 'autovacuum-behind', 'sync-standby-lost', 'checkpoint-storm']
    }

    @Override
    List<Object> state() {
        ["select array_agg(gid::text) from pg_prepared_xacts", "select array_agg(indexrelid::regclass::text) from pg_index where not indisvalid",
         "select array_agg(seqmax order by seqrelid) from pg_sequence"].collect { practice.demo.ask('pg1', it)?.toString() }
    }
}
