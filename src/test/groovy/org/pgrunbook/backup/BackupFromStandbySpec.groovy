package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.RowWriter
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

/** The files of a standby and the WAL of its primary are a backup like any other, or none. */
class BackupFromStandbySpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(15)
    final PollingConditions soon = new PollingConditions(timeout: 60, delay: 0.05)

    def setupSpec() {
        demo.execute('pg1', 'create table t as select generate_series(1, 100000) as id', 'create index on t (id)')
        demo.backup()
    }

    def "#why is refused, and nothing is changed"() {
        given:
        change()
        def before = demo.backups()

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo', *parameters.collectMany { ['-p', it] })

        then:
        run.exit == 3
        run.err =~ message
        run.err.contains('nothing was changed')
        demo.backups() == before

        cleanup:
        back()

        where:
        why                                 | parameters                   | change                            | back                                    || message
        'a spare'                           | ['from=pg4']                 | {}                                | {}                                      || /pg4 is no standby of pg1/
        'P20: one that is too far behind'   | ['from=pg2', 'maxLag=64kB']  | { pause(); write() }              | { resume() }                            || /pg2 is [\d.]+ \w+ behind pg1, more than 64 kB/
        'P11: full_page_writes that is off' | ['from=pg2']                 | { wholePages('off') }             | { wholePages('on') }                    || /full_page_writes of pg1 is off/
    }

    def "P20: rows that are written meanwhile are there after a restore, the pages are sound, and the primary is not read"() {
        given:
        def writer = new RowWriter(demo)
        def began = System.nanoTime()

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo', '-p', 'from=pg2', '-p', 'maxRate=500kB', '-v')
        def took = (System.nanoTime() - began) / 1e9
        writer.awaitRows()
        writer.close()
        demo.ship()
        def id = demo.backups().last()
        def manifest = Json.object(file(id, 'manifest.json').text)

        then:
        run.exit == 0
        manifest.host == 'demo/pg2'
        file(id, 'backup_label').text.contains('BACKUP FROM: standby')
        !(run.out =~ /ssh +demo\/pg1 .*tar/)

        and: "no more travelled in a second than was allowed"
        took > manifest.objects.sum { it.size } / (500 << 10)

        and: "its end is by the primary's clock, and nothing of it is left to do"
        run.out =~ /sql +demo\/pg1 +select clock_timestamp\(\)/
        !file(id, 'attempt').exists()

        when:
        def verified = demo.cli.run('run', 'backup/verify', 'demo')
        def restored = demo.restore()

        then:
        verified.exit == 0
        restored.exit == 0
        writer.lostOn('pg4') == [] as Set
        demo.ask('pg4', 'select count(*) from t') == 100000

        cleanup:
        demo.clear()
    }

    def "P19: on an idle cluster the segment in which it ends is closed on the primary, and it is consistent where it ends"() {
        given: "P12: a data directory that is a link"
        demo.stop('pg3')
        demo.sh('pg3', 'mv data elsewhere && ln -s elsewhere data')
        demo.start('pg3')

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo', '-p', 'from=pg3')
        def restored = demo.restore('immediate=true')

        then:
        run.exit == 0
        restored.exit == 0
        demo.ask('pg4', 'select count(*) from t') == 100000

        cleanup:
        demo.clear()
    }

    def "P85: a failover waits for no backup; of the one that it overtakes nothing bad is left, and the next is of the new primary"() {
        given:
        def before = demo.backups()
        def run = slowBackup('overtaken', 'pg3')

        when:
        demo.sandbox.kill('pg1')
        def failover = demo.cli.run('run', 'replication/failover', 'demo', '-p', 'standby=pg2', '-p', 'maxLoss=16MB', '--confirm=demo')

        then:
        failover.exit == 0
        run.waitFor() == 1
        said('overtaken').contains('pg2 takes writes on timeline 2')
        (demo.backups() - before).every { !file(it, 'manifest.json').exists() }

        when:
        def next = demo.cli.run('run', 'backup/base-backup', 'demo')

        then:
        next.exit == 0
        Json.object(file(demo.backups().last(), 'manifest.json').text).subMap('host', 'timeline') == [host: 'demo/pg2', timeline: 2]
        demo.cli.run('run', 'backup/verify', 'demo').exit == 0
    }

    // The last one: afterwards there are two primaries.
    def "P20: a standby that is promoted while its files are read makes the backup fail, and no bad one is left"() {
        given: "a restartpoint of the new timeline, from which a backup can begin"
        ['pg2', 'pg3'].each { demo.execute(it, 'checkpoint') }
        def before = demo.backups()
        def run = slowBackup('promoted', 'pg3')

        when:
        demo.execute('pg3', 'select pg_promote()')

        then:
        run.waitFor() == 1
        said('promoted') =~ /pg3 was promoted while its files were read|the standby was promoted during online backup/
        (demo.backups() - before).every { !file(it, 'manifest.json').exists() }
    }

    /** A backup of a standby, in the midst of its copying. */
    private Process slowBackup(String output, String node) {
        def before = demo.backups()
        def run = demo.start(output, ['-Xmx256m'], 'run', 'backup/base-backup', 'demo', '-p', "from=$node", '-p', 'maxRate=200kB')
        soon.eventually {
            assert run.alive: said(output)
            assert demo.backups() != before
            assert file(demo.backups().last(), 'attempt/data').list()
        }
        run
    }

    private String said(String output) {
        demo.folder.resolve(output).toFile().text
    }

    private void pause() {
        demo.execute('pg2', 'select pg_wal_replay_pause()')
    }

    private void resume() {
        demo.execute('pg2', 'select pg_wal_replay_resume()')
    }

    private void write() {
        demo.execute('pg1', 'create table more as select generate_series(1, 10000) as id')
    }

    private void wholePages(String setting) {
        demo.execute('pg1', "alter system set full_page_writes = $setting", 'select pg_reload_conf()')
        demo.eventually { demo.ask('pg1', 'show full_page_writes') == setting }
        if (setting == 'on') {
            // What was written without is behind the standby, too, once it has replayed this.
            demo.execute('pg1', 'checkpoint')
            def lsn = demo.ask('pg1', 'select pg_current_wal_lsn()::text')
            ['pg2', 'pg3'].each { node -> demo.eventually { demo.ask(node, "select pg_last_wal_replay_lsn() >= '$lsn'") } }
        }
    }

    private File file(String id, String name) {
        demo.repository().resolve("backups/$id/$name").toFile()
    }
}
