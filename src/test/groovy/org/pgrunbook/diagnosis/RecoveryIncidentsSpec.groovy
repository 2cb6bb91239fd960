package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Practice
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise
import spock.lang.Timeout

import java.util.concurrent.TimeUnit

/** What takes a backup, or another node, to mend: each incident is created by its drill. */
@Stepwise
@Timeout(300)
class RecoveryIncidentsSpec extends Specification {
    @Shared @AutoCleanup Practice practice = new Practice(DemoSandbox.up())
    @Shared String backup

    def "rows that were deleted by mistake: the playbook names the transaction, and the command that brings them back onto a spare"() {
        given:
        backup = practice.demo.backup()
        practice.demo.execute('pg1', 'create table innocent as select generate_series(1, 500) as id', 'delete from innocent where id > 490')
        def drill = practice.drill('accidental-change')
        practice.demo.eventually { practice.demo.ask('pg1', "select count(*) = 10 from pg_class, pgrunbook_drill where relname = 'pgrunbook_drill'") }

        when: 'its WAL is not in the repository yet'
        def early = run('accidental-change')

        then:
        early.exit == 0
        early.out.contains("no transaction in the repository's WAL took much away")
        early.out.contains('pgrunbook run backup/ship-wal demo -p current=true')

        when:
        practice.demo.ship()
        def looked = run('accidental-change')
        def xid = (looked.out =~ /transaction (\d+) deleted 990 rows of public\.pgrunbook_drill of database postgres at/)[0][1]

        then: 'a few rows are nobody\'s mistake'
        looked.exit == 0
        !looked.out.contains('innocent')
        looked.out.contains("pgrunbook run restore/point-in-time demo -p onto=pg4 -p xid=$xid -p inclusive=false")
        looked.out.contains("pgrunbook run incident/accidental-change demo -p severity=critical -p xid=$xid")

        when:
        def unnamed = run('accidental-change', 'severity=critical')
        def acted = run('accidental-change', 'severity=critical', "xid=$xid")

        then: 'expire leaves the backup alone, and all WAL after it'
        unnamed.exit == 3
        unnamed.err.startsWith("error: nothing says which transaction it was; name it, such as -p xid=$xid")
        acted.exit == 0
        practice.demo.backup()
        with(practice.demo.cli.run('run', 'backup/expire', 'demo', '-p', 'full=1', '--confirm=demo')) {
            exit == 0
            out =~ /$backup .* keep +held with all later WAL until .*: accidental change: just before xid $xid/
        }

        when:
        def restored = practice.demo.restore("xid=$xid", 'inclusive=false')

        then:
        restored.exit == 0
        practice.demo.ask('pg4', 'select count(*) from pgrunbook_drill') == 1000
        practice.demo.ask('pg4', 'select count(*) from innocent') == 490

        when: 'somebody copies them back'
        practice.demo.execute('pg1', "insert into pgrunbook_drill select i, 'order ' || i from generate_series(11, 1000) i")

        then:
        drill.get(60, TimeUnit.SECONDS).out.contains('from incident to solution: ')

        cleanup:
        practice.demo.cli.run('run', 'backup/release', 'demo', '-p', "backup=$backup")
    }

    def "a table that was dropped: of it only its file is known, and the moment"() {
        given:
        practice.demo.execute('pg1', 'create table invoices as select generate_series(1, 10) as id')
        def since = practice.demo.now()
        def xid = practice.demo.ask('pg1', 'select pg_snapshot_xmax(pg_current_snapshot())::text')
        def file = practice.demo.ask('pg1', "select pg_relation_filenode('invoices')")
        practice.demo.execute('pg1', 'drop table invoices')
        practice.demo.ship()

        expect:
        with(run('accidental-change', "since=$since")) {
            exit == 0
            out.contains("transaction $xid dropped, emptied or wrote anew file $file of database postgres, which no relation has any more")
        }
    }

    def "WAL that nobody ships is what would be lost: critical brings it in, and names the backup to take"() {
        given:
        practice.demo.ship()
        def drill = practice.drill('backup-too-old')
        practice.demo.eventually { practice.demo.home('pg1').resolve('spool').toFile().list().any { it ==~ /[0-9A-F]{24}/ } }

        when:
        def looked = run('backup-too-old', 'limit=1ms')

        then:
        looked.exit == 0
        looked.out =~ /1 files wait in the spool of pg1, from [0-9A-F]{24} on/
        looked.out =~ /crit .*16(\.\d)? MB of WAL are not in the repository: what was committed in the last .+ may be lost/
        !drill.done

        when:
        def acted = run('backup-too-old', 'limit=1ms', 'severity=critical')

        then:
        acted.exit == 0
        acted.out =~ /note: all of its WAL is in the repository|all of its WAL is in the repository/
        drill.get(60, TimeUnit.SECONDS).out.contains('from incident to solution: ')

        and: 'the limit of an hour is not reached by any of it'
        !run('backup-too-old').out.contains('may be lost')
    }

    def "after a change it is proved that writes, their replication, the archive and the backups work, and what does not is named"() {
        when:
        def well = practice.demo.cli.run('run', 'health/verify-deployment', 'demo')

        then:
        well.exit == 0
        well.out =~ /(?m)^replication +pg2, pg3 +what is committed on the primary is applied here/
        well.out =~ /(?m)^archive +pg1 +what is in pg_wal is the same in the repository/
        well.out =~ /(?m)^versions +pg1 +all servers are 18\.\d+/
        well.out =~ /(?m)^roles +pg1 +every node is what the inventory declares/
        well.out.contains('from the commit until all standbys had applied it: ')
        practice.demo.home('pg1').resolve('spool').toFile().list().findAll { it ==~ /[0-9A-F]{24}/ } == []

        when: 'a standby does not replay, and the archive does not take anything'
        practice.demo.execute('pg3', 'select pg_wal_replay_pause()')
        practice.demo.execute('pg1', "alter system set archive_command = 'exit 1'", 'select pg_reload_conf()')
        def broken = practice.demo.cli.run('run', 'health/verify-deployment', 'demo', '-p', 'patience=1s')

        then: 'all of it is looked at first'
        broken.exit == 1
        broken.err =~ /error: [23] findings are critical/
        broken.out =~ /(?m)^crit +replication +pg3 +a write does not come here: waited 1\.0 s in vain until pg3 has applied it +pgrunbook run incident\/replication-lag demo/
        broken.out =~ /(?m)^crit +archive +pg1 +WAL does not come into the repository: /
        broken.out =~ /(?m)^replication +pg2 +what is committed/

        cleanup:
        practice.demo.execute('pg3', 'select pg_wal_replay_resume()')
        practice.demo.execute('pg1', 'alter system reset archive_command', 'select pg_reload_conf()')
    }

    def "a damaged page of an index is found on the disk, a standby has it whole, and the index is built anew"() {
        given:
        def drill = practice.drill('checksum-failure')
        def first = practice.triageNames('checksum-failure', 'crit')

        when:
        def looked = run('checksum-failure')

        then: 'the server met one of them, its disk has three'
        first =~ /pg1 +the server met a damaged page (once|\d+ times) in database postgres, the last time .+ ago +pgrunbook run incident\/checksum-failure demo -p node=pg1/
        looked.exit == 0
        looked.out.contains('3 pages are damaged on the disk, of public.pgrunbook_drill_id')
        looked.out.contains('yes: on pg2 all of them are whole')
        looked.out.contains('pgrunbook run incident/checksum-failure demo -p node=pg1 -p severity=critical -p index=public.pgrunbook_drill_id')
        !drill.done

        when:
        def unnamed = run('checksum-failure', 'severity=critical')
        def table = run('checksum-failure', 'severity=critical', 'index=public.pgrunbook_drill', '--confirm=demo/pg1')
        def unconfirmed = run('checksum-failure', 'severity=critical', 'index=public.pgrunbook_drill_id', '--yes')
        def acted = run('checksum-failure', 'severity=critical', 'index=public.pgrunbook_drill_id', '--confirm=demo/pg1')

        then:
        unnamed.exit == 3
        unnamed.err.startsWith('error: nothing says which index to build anew; name it, such as -p index=public.pgrunbook_drill_id')
        table.exit == 3
        table.err.startsWith('error: no page of public.pgrunbook_drill was found damaged')
        unconfirmed.exit == 3
        acted.exit == 0
        acted.out =~ /all \d+ pages of public\.pgrunbook_drill_id are whole/
        drill.get(60, TimeUnit.SECONDS).out.contains('from incident to solution: ')
    }

    def "a damaged page of a table is never mended by force: the playbook names the node that has it whole"() {
        given:
        practice.demo.execute('pg1', "alter system set shared_preload_libraries = 'pg_stat_statements'")
        practice.demo.execute('pg1', 'create table ledger as select i as id from generate_series(1, 1000) i', 'checkpoint')
        def file = practice.demo.ask('pg1', "select pg_relation_filepath('ledger')")
        practice.demo.stop('pg1')
        practice.demo.sh('pg1', "printf x | dd of=data/$file bs=1 seek=10000 conv=notrunc status=none")
        practice.demo.start('pg1')

        when:
        def looked = run('checksum-failure', 'relation=public.ledger')
        def acted = run('checksum-failure', 'relation=public.ledger', 'severity=critical', 'index=public.ledger', '--confirm=demo/pg1')

        then:
        looked.exit == 0
        looked.out.contains('1 page is damaged on the disk, of public.ledger')
        looked.out.contains('pgrunbook run replication/switchover demo')
        acted.exit == 3
        acted.err.startsWith('error: public.ledger is no index: it cannot be built anew from anything; a standby or a backup has it')
        practice.demo.ask('pg1', "select current_setting('zero_damaged_pages')") == 'off'

        cleanup:
        practice.demo.execute('pg1', 'drop table ledger')
    }

    def "what a server spends its time with is told of the seconds in which it was watched"() {
        given: 'since when it is loaded, and not created, nobody can tell which statements'
        def shop = practice.connect('app', 'shop')
        def ended = new java.util.concurrent.atomic.AtomicBoolean()
        def working = Thread.startVirtualThread {
            while (!ended.get()) {
                shop.createStatement().withCloseable { it.execute('select pg_sleep(0.2)') }
            }
        }

        when:
        def without = practice.demo.cli.run('run', 'health/performance', 'demo', '-p', 'over=1s')
        practice.demo.execute('pg1', 'create extension pg_stat_statements', 'create table orders (id int primary key)',
            'create table lines (id int primary key, order_id int references orders, text text)', 'create index lines_text on lines (text)',
            'create index lines_again on lines (text)', "insert into lines select i, null, 'x' || i from generate_series(1, 40000) i",
            'delete from lines where id % 4 <> 0', 'vacuum analyze lines', 'alter system set autovacuum = off', 'select pg_reload_conf()',
            'create table secret as select generate_series(1, 40000) as id', 'analyze secret')
        practice.demo.execute('pg2', 'select 1')
        def found = practice.demo.cli.run('run', 'health/performance', 'demo', '-p', 'over=2s', '-p', 'size=100kB')
        def blind = practice.looker()
        def seen = blind.run('run', 'health/performance', 'demo', '-p', 'over=1s', '-p', 'size=100kB')
        practice.demo.execute('pg1', 'create extension pgstattuple')
        def measured = practice.demo.cli.run('run', 'health/performance', 'demo', '-p', 'over=1s', '-p', 'size=100kB')

        then:
        without.exit == 0
        without.out =~ /(?m)^unknown +statements +pg1 +nobody can tell: pg_stat_statements is not in this database: CREATE EXTENSION pg_stat_statements;/
        found.exit == 0
        found.out =~ /(?m)^Timeout +PgSleep +(1\.0|0\.[89])/
        found.out =~ /(?m)^warn +statements +pg1 +\d+ % of the time goes to one statement, carried out \d+ times by app in postgres: select pg_sleep\(\$1\)/

        and: 'what it carries along'
        found.out =~ /(?m)^warn +bloat +pg1 +by estimate \d.+ \(7\d %\) of table public\.lines of database postgres are free room, and of \d+ more +pg_repack; or VACUUM FULL public\.lines; /
        found.out =~ /(?m)^warn +duplicate-indexes +pg1 +public\.lines_(text|again) of database postgres is the same as public\.lines_(text|again) +DROP INDEX CONCURRENTLY public\.lines_(text|again);/
        found.out =~ /(?m)^warn +unused-indexes +pg1 +there are \d+ indexes that no node has used since there is the database/
        found.out =~ /(?m)^warn +foreign-keys +pg1 +no index of public\.lines of database postgres begins with order_id: .+ CREATE INDEX CONCURRENTLY ON public\.lines \(order_id\);/
        found.out =~ /(?m)^crit +settings +pg1 +autovacuum is off: dead rows are never removed, .+ ALTER SYSTEM SET autovacuum = 'on';/

        and: 'what cannot be known is told with the privilege that it takes, what can be measured is'
        seen.exit == 0
        seen.out =~ /(?m)^unknown +bloat +pg1 +nobody can tell of public\..+: role "looker" must not read the columns, nor their statistics +GRANT pg_read_all_data TO "looker"; or/
        measured.out =~ /(?m)^postgres +public\.lines +no +.+ yes$/

        cleanup:
        ended.set(true)
        working?.join()
        shop?.close()
        practice.demo.execute('pg1', 'drop extension if exists pg_stat_statements', 'drop extension if exists pgstattuple', 'drop table if exists lines, orders, secret',
            'alter system reset autovacuum', 'select pg_reload_conf()')
    }

    def "two nodes take writes: the playbook tells them apart, stops only the one that is named, and hands it over to rejoin"() {
        given:
        def shop = practice.connect('app', 'shop')
        def drill = practice.drill('split-brain')
        def first = practice.triageNames('split-brain', 'crit')

        when:
        def pooled = practice.demo.inventory(new File(practice.demo.cli.environment.PGRUNBOOK_INVENTORY).text
            .replaceFirst(/(?m)^( +)repository: main$/, '$0\n$1poolers: [ { pgbouncer: { host: 127.0.0.1 } } ]')).run('run', 'incident/split-brain', 'demo')
        def looked = run('split-brain')

        then: 'a pooler that cannot be asked holds nothing up'
        pooled.exit == 0
        pooled.out =~ /(?m)^ +pooler +127\.0\.0\.1:6432\n +database +-\n/
        pooled.out =~ /(?m)^ +obstacle +\S+/

        and: 'the promoted one has the newer timeline; the clients are where they were'
        first =~ /2 nodes take writes: pg1 \(timeline 1, .+\) and pg3 \(timeline 2, .+\) +pgrunbook run incident\/split-brain demo/
        looked.exit == 0
        looked.out =~ /crit .*2 nodes take writes: pg1 on timeline 1, .+ since they parted at 0\/[0-9A-F]+, with 1 client; pg3 on timeline 2, .+ since they parted at 0\/[0-9A-F]+, with 0 clients/
        looked.out.contains('pgrunbook run incident/split-brain demo -p severity=critical -p fence=pg3')
        !drill.done

        when:
        def unnamed = run('split-brain', 'severity=critical')
        def standby = run('split-brain', 'severity=critical', 'fence=pg2', '--confirm=demo/pg2')
        def unconfirmed = run('split-brain', 'severity=critical', 'fence=pg3', '--yes')

        then:
        unnamed.exit == 3
        unnamed.err.startsWith('error: nothing says which node to stop; name it, such as -p fence=pg3')
        standby.exit == 3
        standby.err.startsWith('error: pg2 takes no writes')
        unconfirmed.exit == 3
        unconfirmed.err.contains('--confirm=demo/pg3')
        practice.demo.serverProcesses('pg3')
        shop.createStatement().execute('select 1')

        when:
        def acted = run('split-brain', 'severity=critical', 'fence=pg3', '--confirm=demo/pg3')

        then:
        acted.exit == 0
        acted.out.contains('pg1 is the only one to take writes')
        shop.createStatement().execute('select 1')
        practice.demo.serverProcesses('pg3') == []
        practice.demo.home('pg3').resolve('data/standby.signal').toFile().exists()
        drill.get(60, TimeUnit.SECONDS).out.contains('from incident to solution: ')

        and: 'what it names next is done'
        practice.demo.cli.run('run', 'replication/rejoin', 'demo', '-p', 'node=pg3', '-p', 'way=clone', '--confirm=demo/pg3').exit == 0
        run('split-brain').out.contains('it is the only one to take writes')

        cleanup:
        shop?.close()
    }

    private run(String incident, String... arguments) {
        practice.demo.cli.run('run', "incident/$incident", 'demo', *arguments.collectMany { it.startsWith('--') ? [it] : ['-p', it] })
    }
}
