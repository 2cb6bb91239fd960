package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

/** A restore onto existing files makes of them what a restore afresh would make, and writes no more than that takes. */
class DeltaRestoreSpec extends Specification {
    /** As far as the files go: whatever recovery writes is left out. */
    static final FILES_ONLY = '''
        @Target Cluster cluster
        @Param('the node') Node onto
        @Param('what there is') Existing existing
        @Param('where tablespaces go') List<String> tablespaces = []

        def target = RecoveryTarget.of(null, null, null, null, true, true)
        def plan = step('plan') { cluster.repository.planRestore(target, null, null, tablespaces) }
        def ground = step('look') { onto.lookAtGround(plan, existing) }
        if (existing == Existing.DELTA) {
            step('disarm') { ground.disarm(now()) }
            table step('replace') { onto.restoreDelta(plan, cluster.repository, 2) }
        } else {
            step('unpack') { onto.restoreFiles(plan, cluster.repository, 2) }
        }
        '''.stripIndent()

    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(16)
    @Shared String space
    @Shared String id
    @Shared String afresh
    final PollingConditions soon = new PollingConditions(timeout: 60, delay: 0.05)

    def setupSpec() {
        // They would replay the tablespace into the primary's own: all hosts share one file system here.
        ['pg2', 'pg3'].each { demo.sandbox.kill(it) }
        space = "${demo.home('pg4')}/spaces/fast"
        demo.sh('pg1', "mkdir -p spaces/fast && cd data && echo quoted > \"it's.txt\" && echo dash > ./-dash && mkdir empty && ln -s empty link && : > nothing")
        demo.execute('pg1', "create tablespace fast location '${demo.home('pg1')}/spaces/fast'",
            'create table rows as select id from generate_series(1, 10000) id',
            'create table in_space tablespace fast as select id from generate_series(1, 1000) id')
        id = demo.backup()
        demo.folder.resolve('files.groovy').toFile().text = FILES_ONLY
        assert files('refuse').exit == 0
        afresh = state()
        // pg4 becomes a copy that has lived since.
        demo.clear()
        assert demo.restore("tablespaces=fast=$space").exit == 0
        demo.execute('pg4', 'delete from rows where id > 5000', 'create table extra as select 1 as x',
            'create table in_space_too tablespace fast as select 1 as x', 'drop table in_space', 'checkpoint')
    }

    def "a running server is never touched"() {
        when:
        def run = restore()

        then:
        run.exit == 3
        run.err.contains('a server is running in')
        demo.ask('pg4', 'select x from extra') == 1
    }

    def "P14: a file with a flipped byte but the same size and time is replaced; what is the same is left alone"() {
        given: "a data directory that is a link, with a difference of each kind"
        demo.stop('pg4')
        demo.sh('pg4', '''mv data there && ln -s there data && cd data && touch -r PG_VERSION ../time && mv postgresql.auto.conf .. && cp -p pg_hba.conf ../hba &&
            printf x | dd of=pg_hba.conf bs=1 seek=100 conv=notrunc 2>/dev/null && touch -r ../hba pg_hba.conf &&
            touch PG_VERSION && mkdir -p log/more && echo 1 > log/more/log && rmdir empty && echo 1 > empty && rm link && mkdir link &&
            rm -- -dash && chmod 755 base && echo 1 > base/1/4711 && ln base/1/4711 base/1/4712''')
        def untouched = demo.sh('pg4', 'stat -c %i.%Y data/PG_VERSION data/base/1/PG_VERSION')

        when:
        def run = files('delta')

        then: "all is what a restore afresh would make"
        run.exit == 0
        state() == afresh

        and: "and no more was written than that takes"
        demo.sh('pg4', 'stat -c %i.%Y data/PG_VERSION data/base/1/PG_VERSION') == untouched
        def (all, same, written, removed) = figures(run.out)
        same + written == all
        same > 900
        written in 3..90
        removed > 10

        and: "P50: the WAL that only this host may have is beside"
        demo.sh('pg4', 'ls data.2*.pg_wal').readLines().any { it ==~ /[0-9A-F]{24}/ }

        when: "it is done once more"
        def again = files('delta')

        then: "nothing is left to do, but for what a restore writes in any case"
        again.exit == 0
        figures(again.out)[2] == 0
        state() == afresh

        cleanup:
        demo.sh('pg4', 'rm data && mv there data')
    }

    def "P7: interrupted (-9), it leaves what cannot be started, and what can be restored onto again"() {
        given: "a copy that lives, and differs"
        assert restore().exit == 0
        demo.execute('pg4', 'delete from rows', 'vacuum full')
        demo.stop('pg4')

        when:
        def run = demo.start('killed', ['-Xmx256m'], 'run', 'restore/point-in-time', 'demo', '-p', 'onto=pg4', '-p', 'existing=delta',
            '-p', "tablespaces=fast=$space", '--confirm=demo/pg4')
        soon.eventually { assert demo.home('pg4').resolve('data/RESTORE_UNFINISHED').toFile().exists() || !run.alive }
        run.destroyForcibly().waitFor()

        then:
        !demo.home('pg4').resolve('data/global/pg_control').toFile().exists()
        demo.sh('pg4', 'pg_ctl start -w -t 5 -D data >/dev/null 2>&1; echo $?').trim() != '0'

        when:
        def again = restore()

        then:
        again.exit == 0
        demo.ask('pg4', 'select count(*) || \' \' || sum(id) from rows') == '10000 50005000'
        demo.ask('pg4', 'select count(*) from in_space') == 1000
        demo.ask('pg4', "select count(*) from pg_class where relname like 'extra'") == 0

        and: "nothing of it is left"
        demo.sh('pg4', 'ls -d data/RESTORE_UNFINISHED* data.wal 2>/dev/null || :') == ''
    }

    def "P50: #what is no copy of the cluster, and nothing of it is deleted"() {
        given:
        demo.clear()
        demo.sh('pg4', script)
        def before = state()

        when:
        def run = restore()

        then:
        run.exit == 3
        run.err.contains("data\" of pg4 is no copy of \"demo\"")
        run.err.contains('nothing was changed')
        state() == before

        where:
        what                       | script
        'a folder of anything'     | 'echo precious > data/precious'
        'another database system'  | 'rmdir data && initdb --pgdata=data --username=postgres --no-sync >/dev/null'
    }

    /** Files, how many of them are the same, written, removed. */
    private static List<Integer> figures(String out) {
        (out =~ /(?m)^ *(\d+) +(\d+) +(\d+) +(\d+)$/)[0].tail()*.toInteger()
    }

    private def restore() {
        demo.cli.run('run', 'restore/point-in-time', 'demo', '-p', 'onto=pg4', '-p', 'existing=delta', '-p', "tablespaces=fast=$space",
            '--confirm=demo/pg4')
    }

    private def files(String existing) {
        demo.cli.run('run', demo.folder.resolve('files.groovy'), 'demo', '-p', 'onto=pg4', '-p', "existing=$existing", '-p', "tablespaces=fast=$space")
    }

    /** Every name with its kind and mode, every link with where it leads, every file with its sum. */
    private String state() {
        demo.sh('pg4', '''
            for folder in data/ spaces/; do
                [ ! -d $folder ] || find $folder ! -name 'RESTORE_UNFINISHED' -printf '%p %y %m %l\\n' | sort
                [ ! -d $folder ] || find $folder -type f ! -name 'RESTORE_UNFINISHED' -print0 | sort -z | xargs -0 -r sha256sum --
            done''')
    }
}
