package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

/** From servers that archive elsewhere, or not at all, to rows that are there again. */
@Stepwise
class BackupAndRestoreSpec extends Specification {
    static final MEMBERS = ['pg1', 'pg2', 'pg3']

    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)

    def "what somebody else has set up is shown, and not replaced unless a person agrees"() {
        given:
        def before = state()

        when:
        def run = archiveSetup('--yes')

        then:
        run.exit == 3
        run.err.contains('Replace the archive_command "../archive-wal "%p" "%f" || exit 1" of pg1, pg2, pg3?')
        run.out =~ /(?m)^pg1 +archive_command +\.\.\/archive-wal .* +into the spool +.*postgresql.conf:\d+ +at once$/
        run.out.contains("archive_command of pg1: ${new ArchiveCommand("${demo.home('pg1')}/spool").text()}")
        run.out =~ /(?m)^pg3 +archive_timeout +0s +300s +default +at once$/
        run.out =~ /(?m)^pg2 +${demo.home('pg2')}\/spool +mode 755 +mode 700 /
        state() == before
    }

    def "P33: what ALTER SYSTEM cannot reach, or what must not be, is refused before anything is changed: #what"() {
        given:
        demo.stop('pg3')
        demo.sh('pg3', "pg_ctl start -D data -w -s -l postgresql.log -o \"-c ${option}\"")
        def before = state()

        when:
        def run = archiveSetup('--confirm=demo')

        then:
        run.exit == 3
        run.err.contains(message)
        state() == before

        cleanup:
        demo.stop('pg3')
        demo.start('pg3')

        where:
        what                                 | option                 || message
        'a setting of the command line'      | 'archive_command=true' || "archive_command of pg3 is given on the server's command line: ALTER SYSTEM would have no effect"
        'standbys that archive as well'      | 'archive_mode=always'  || 'archive_mode of pg3 is always'
        'a server that takes no ALTER SYSTEM' | 'allow_alter_system=off' || 'allow_alter_system of pg3 is off'
    }

    def "P19, P30, P36: all members archive into their spools, and an idle server's segment is proved to come through"() {
        when:
        def run = archiveSetup('--confirm=demo')

        then:
        run.exit == 0
        run.out =~ /finding: (0000000100000000000000\w\w) went from pg_wal through the spool into the repository, and is the same there/
        def name = (run.out =~ /finding: (\w{24})/)[0][1]
        demo.repository().resolve("wal/00000001/${name}.zst").toFile().exists()

        and:
        MEMBERS.every { demo.ask(it, 'show archive_command') == new ArchiveCommand("${demo.home(it)}/spool").text() }
        MEMBERS.every { demo.ask(it, 'show archive_timeout') == '5min' }
        MEMBERS.every { demo.sh(it, 'stat -c %a spool').trim() == '700' }
        demo.ask('pg1', 'select failed_count from pg_stat_archiver') == 0
    }

    def "a second run changes nothing, and proves it if it is asked to"() {
        given:
        def before = state()
        def wal = demo.ask('pg1', 'select pg_current_wal_lsn()::text')

        when:
        def again = archiveSetup()

        then:
        again.exit == 0
        again.out.contains('nothing differs')
        state() == before

        and: "no segment was closed; a few bytes the server writes by itself"
        demo.ask('pg1', "select pg_wal_lsn_diff(pg_current_wal_lsn(), '$wal') < 65536")

        when:
        def proved = archiveSetup('-p', 'prove=true')

        then:
        proved.exit == 0
        proved.out =~ /finding: \w{24} went from pg_wal/
        state() == before
    }

    def "P30: what cannot be proved is taken back, and a file that is in the way is not touched"() {
        given: "a server that archives nothing, and a file of the name of the segment that is closed next"
        demo.execute('pg1', "alter system set archive_command = ''", 'alter system set archive_mode = off')
        demo.stop('pg1')
        demo.start('pg1')
        def name = demo.ask('pg1', 'select pg_walfile_name(pg_current_wal_insert_lsn())')
        demo.sh('pg1', "echo other > spool/$name")
        def before = state()

        when:
        def run = archiveSetup('-p', 'timeout=7min', '-p', 'patience=3s', '-p', 'restart=true', '--confirm=demo')

        then:
        run.exit == 1
        run.out.contains('undo: set on pg1 what was set before')
        run.out.contains('archive_mode of pg1 lasts until a restart: until then it keeps all its WAL, which nothing archives')
        !run.out.contains('of pg2 lasts')
        MEMBERS.each { node -> demo.eventually { demo.ask(node, 'show archive_timeout') == '5min' } }
        state() == before
        demo.sh('pg1', "cat spool/$name") == 'other\n'

        cleanup:
        demo.sh('pg1', "rm spool/$name")
    }

    def "a server that archives nothing is not restarted, and says that it has to be; it is if somebody agrees"() {
        given:
        demo.execute('pg1', 'alter system reset archive_command', 'alter system set archive_mode = off')
        demo.stop('pg1')
        demo.start('pg1')
        def started = demo.ask('pg1', 'select pg_postmaster_start_time()')

        when:
        def run = archiveSetup('--confirm=demo')

        then:
        run.exit == 0
        run.out =~ /(?m)^pg1 +archive_mode +off +on +.*postgresql.auto.conf:\d+ +at a restart$/
        run.out.contains('pg1 must be restarted before it archives')
        demo.ask('pg1', 'select pg_postmaster_start_time()') == started

        when: "nobody agrees to it"
        def asked = archiveSetup('-p', 'restart=true')

        then:
        asked.exit == 3
        asked.err.contains('Restart pg1? That ends all sessions there.')

        when:
        def restarted = archiveSetup('-p', 'restart=true', '--confirm=demo')

        then:
        restarted.exit == 0
        restarted.out =~ /finding: \w{24} went from pg_wal/
        demo.ask('pg1', 'show archive_mode') == 'on'
    }

    def "rows deleted by accident are there again on the spare, as of just before"() {
        given:
        demo.execute('pg1', 'create table t as select generate_series(1, 1000) as id')

        expect:
        demo.cli.run('run', 'backup/base-backup', 'demo').exit == 0

        when:
        demo.execute('pg1', 'insert into t values (1001)')
        def before = demo.ask('pg1', "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        demo.execute('pg1', 'delete from t', 'select pg_switch_wal()')
        def shipped = demo.cli.run('run', 'backup/ship-wal', 'demo')
        def restored = demo.cli.run('run', 'restore/point-in-time', 'demo', '-p', 'onto=pg4', '-p', "time=$before")

        then:
        shipped.exit == 0
        restored.exit == 0
        demo.ask('pg4', 'select count(*) from t') == 1001
        demo.ask('pg4', 'select pg_is_in_recovery()') == false
        demo.ask('pg1', 'select count(*) from t') == 0
    }

    private archiveSetup(Object... more) {
        demo.cli.run('run', 'archive/setup', 'demo', *more)
    }

    /** What ALTER SYSTEM writes, and the spools. */
    private Map<String, String> state() {
        MEMBERS.collectEntries { [(it): demo.sh(it, 'sort data/postgresql.auto.conf; stat -c %a spool')] }
    }
}
