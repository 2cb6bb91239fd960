package org.pgrunbook.runbook

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.KilledRun
import org.pgrunbook.journal.Json
import spock.lang.Shared
import spock.lang.Specification

/**
 * A run that is killed with -9 at a change goes on to the same end as one that was not. By default some changes of each
 * runbook are taken, before or after they are made; with -Dpgrunbook.killEverywhere=true each of them, before it was made, when
 * its outcome came but was not written down, and after.
 */
class KilledSpec extends Specification {
    static final EVERYWHERE = Boolean.getBoolean('pgrunbook.killEverywhere')
    static final MOMENTS = ['before', 'unheard', 'after']

    @Shared DemoSandbox demo
    @Shared DemoSandbox broken

    def setupSpec() {
        demo = DemoSandbox.up(18)
        demo.execute('pg1', 'create table t as select generate_series(1, 1000) as id')
    }

    def cleanupSpec() {
        demo?.close()
    }

    def cleanup() {
        broken?.close()
    }

    def "failover goes on"() {
        expect:
        moments(6).each { number, moment ->
            broken = DemoSandbox.up(18)
            broken.execute('pg1', 'create table t as select generate_series(1, 1000) as id')
            broken.sandbox.kill('pg1')
            KilledRun.at(broken, number, moment, 'replication/failover', 'demo')
            def run = broken.cli.run('resume', 'last', '--confirm=demo')
            assert run.exit == 0: "$number $moment: $run"

            // One node takes writes, the other standby follows it, the old primary is fenced.
            assert broken.ask('pg2', 'select pg_is_in_recovery()') == false
            assert broken.ask('pg2', 'select timeline_id from pg_control_checkpoint()') <= 2
            assert broken.ask('pg3', "select status from pg_stat_wal_receiver") == 'streaming'
            broken.execute('pg2', 'insert into t values (1001)')
            broken.eventually { broken.ask('pg3', 'select count(*) from t') == 1001 }
            assert broken.home('pg1').resolve('data/standby.signal').toFile().exists()
            broken.close()
            broken = null
        }
    }

    def "base-backup goes on"() {
        given:
        demo.backup()

        expect:
        moments(changes('backup/base-backup', 'demo')).each { number, moment ->
            def before = committed()
            KilledRun.at(demo, number, moment, 'backup/base-backup', 'demo')
            def run = demo.cli.run('resume', 'last')
            assert run.exit == 0: "$number $moment: $run"
            assert committed().size() == before.size() + 1
            def id = committed().last()
            assert demo.repository().resolve("backups/$id").toFile().list().every { !it.contains('draft') }
            def listed = demo.cli.run('backups', 'demo', '--json').out.readLines().collect { Json.object(it) }.find { it.backup == id }
            assert listed.state == 'complete'
        }
    }

    def "ship-wal goes on"() {
        expect:
        moments(3).each { number, moment ->
            demo.execute('pg1', 'insert into t values (1)', 'select pg_switch_wal()')
            demo.eventually { demo.home('pg1').resolve('spool').toFile().list().any { it.size() == 24 } }
            KilledRun.at(demo, number, moment, 'backup/ship-wal', 'demo', ['current=true'])
            def run = demo.cli.run('resume', 'last')
            assert run.exit == 0: "$number $moment: $run"
            assert demo.home('pg1').resolve('spool').toFile().list().length == 0
        }
    }

    def "point-in-time goes on"() {
        given:
        demo.backup()
        demo.execute('pg1', "insert into t values (4711)", "select pg_create_restore_point('here')", 'insert into t values (4712)')
        demo.ship()
        def leftOver = { demo.home('pg4').resolve('data/left over').toFile().text = 'mine' }
        leftOver()

        expect:
        moments(changes('restore/point-in-time', 'demo', '-p', 'onto=pg4', '-p', 'name=here', '-p', 'existing=aside')).each { number, moment ->
            KilledRun.at(demo, number, moment, 'restore/point-in-time', 'demo', ['onto=pg4', 'name=here', 'existing=aside'])
            def run = demo.cli.run('resume', 'last', '--confirm=demo/pg4')
            assert run.exit == 0: "$number $moment: $run"
            assert demo.ask('pg4', 'select pg_is_in_recovery()') == false
            assert demo.ask('pg4', 'select count(*) from t where id in (4711, 4712)') == 1
            assert demo.ask('pg4', "select count(*) from pg_file_settings where name like 'recovery_target%' and name <> 'recovery_target_inclusive'") == 0
            assert !demo.home('pg4').resolve('data.wal').toFile().exists()
            assert demo.home('pg4').toFile().list().count { it.startsWith('data.2') } == 1
            demo.clear()
            leftOver()
        }
    }

    /** How many changes a run makes, by what a dry run says. */
    private int changes(String... arguments) {
        def run = demo.cli.run('run', *arguments, '--dry-run', '--json')
        assert run.exit == 0: run
        run.out.readLines().collect { Json.object(it) }.find { it.event == 'forecast' }.changes.size()
    }

    /** Which changes to be killed at, and when. */
    private static List<List> moments(int changes) {
        def all = (0..<changes).collectMany { number -> MOMENTS.collect { [number, it] } }
        // At the promotion, if it is a failover.
        EVERYWHERE ? all : [0.1, 0.25, 0.75].collect { all[(int) (it * all.size())] }
    }

    private List<String> committed() {
        demo.backups().findAll { demo.repository().resolve("backups/$it/manifest.json").toFile().exists() }
    }
}
