package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.GZIPOutputStream

/** What must not be restored is refused before anything is touched; what fails later cannot be started. */
class RestoreRefusalsSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)
    @Shared String first
    @Shared String second
    @Shared String beginning
    @Shared String between
    @Shared String end

    def setupSpec() {
        beginning = demo.now()
        demo.execute('pg1', 'create table rows as select id from generate_series(1, 1000) id')
        first = demo.backup()
        demo.execute('pg1', 'insert into rows values (1001)')
        between = demo.now()
        demo.execute('pg1', 'insert into rows values (1002)')
        demo.ship()
        demo.execute('pg1', 'insert into rows values (1003)')
        demo.ship()
        second = demo.backup()
        demo.execute('pg1', 'insert into rows values (1004)')
        demo.ship()
        end = demo.ask('pg1', 'select pg_current_wal_insert_lsn()::text')
    }

    def "#why is refused with exit #exit, and nothing is changed"() {
        given:
        def before = state()

        when:
        def run = demo.restore(*parameters()*.toString())

        then:
        run.exit == exit
        run.err.contains(message)
        run.err.contains('nothing was changed') || exit == 2
        state() == before

        when: "the plan is asked for alone"
        def planned = demo.cli.run('run', 'restore/plan', 'demo', *parameters().collectMany { ['-p', it] })

        then: "it says the same"
        planned.exit == exit
        planned.err.contains(message)

        where:
        why                                  | parameters                                          || exit | message
        'P37: a time before any backup'      | { ["time=$beginning"] }                    || 3    | 'no backup ended before time'
        'P37: an LSN before any backup'      | { ['lsn=0/1'] }                            || 3    | 'no backup ended before lsn 0/1'
        'P37: a backup after the time'       | { ["time=$between", "backup=$second"] }    || 3    | "after time"
        'P41: a time after the last WAL'     | { ['time=2099-01-01T00:00:00Z'] }          || 3    | 'is after the last transaction in the repository, which ended at 20'
        'P41: an LSN after the last WAL'     | { ['lsn=FF/0'] }                           || 3    | 'lsn FF/0 is after the last WAL in the repository, which ends with segment'
        'P41: the LSN where the WAL ends'    | { ["lsn=$end"] }                           || 3    | 'is after the last WAL in the repository'
        'a restore point that nobody made'   | { ['name=nobody'] }                        || 3    | 'name nobody is not in the WAL after any backup'
        'a transaction that never was'       | { ['xid=4000000000'] }                     || 3    | 'xid 4000000000 is not in the WAL after any backup'
        'a transaction that is no number'    | { ['xid=abc'] }                            || 2    | '"abc" is no transaction id'
        'a backup that is not there'         | { ['backup=20000101T000000Z-full'] }       || 3    | 'there is no backup "20000101T000000Z-full" of "demo"'
        'P42: two targets at once'           | { ["time=$between", 'lsn=0/1'] }           || 2    | 'more than one recovery target'
        'a restore point that is left out'   | { ['name=x', 'inclusive=false'] }          || 2    | 'nothing lies at the target'
        'P40: a time without its offset'     | { ['time=2026-03-01T01:45:00'] }           || 2    | 'offset'
        'a tablespace that is not there'     | { ['tablespaces=fast=/x'] }                || 2    | 'has no tablespace [fast]'
        'P38: a timeline that is not there'  | { ['timeline=7'] }                         || 3    | '"00000007.history" is missing in the repository'
    }

    def "a plan shows backup, WAL, time and what would be moved aside, as events too, and changes nothing"() {
        given:
        demo.sh('pg4', 'echo precious > data/precious')
        def before = state()

        when:
        def run = demo.cli.run('run', 'restore/plan', 'demo', '-p', "time=$between", '-p', 'onto=pg4')

        then:
        run.exit == 0
        run.out =~ /(?m)^backup +$first$/
        run.out =~ /(?m)^why +the newest that ended before the target$/
        run.out =~ /(?m)^ +1  00000001\S+  00000001\S+ +\d$/
        run.out =~ /per second/
        run.out.contains("${demo.home('pg4')}/data would be moved aside")
        run.out.contains("finding: $first and its WAL lead to time $between")
        state() == before

        when:
        def json = demo.cli.run('run', 'restore/plan', 'demo', '--json')
        def events = json.out.readLines().collect { Json.object(it) }

        then:
        json.exit == 0
        events.findAll { it.event == 'tabled' }.any { 'firstWal' in it.columns && second in it.rows[0] }

        cleanup:
        demo.sh('pg4', 'rm data/precious')
    }

    def "a node that is not there is refused with exit 2"() {
        expect:
        with(demo.cli.run('run', 'restore/point-in-time', 'demo', '-p', 'onto=pg9')) {
            it.exit == 2
            it.err.contains('"pg9"')
        }
    }

    def "P50: a restore onto a running server is refused, even if what is there may be moved aside"() {
        when:
        def run = demo.cli.run('run', 'restore/point-in-time', 'demo', '-p', 'onto=pg2', '-p', 'existing=aside', '--confirm=demo/pg2')

        then:
        run.exit == 3
        run.err.contains('a server is running in')
        demo.ask('pg2', 'select count(*) from rows') == 1004
    }

    def "a directory that is not empty is refused"() {
        given:
        demo.sh('pg4', 'echo precious > data/precious')
        def before = state()

        when:
        def run = demo.restore()

        then:
        run.exit == 3
        run.err.contains("\"${demo.home('pg4')}/data\" of pg4 is not empty")
        run.err.contains('-p existing=aside')
        state() == before

        cleanup:
        demo.sh('pg4', 'rm data/precious')
    }

    def "P51: a target that cannot be written is refused before anything is touched: #what"() {
        given:
        demo.sh('pg4', close)
        def before = state()

        when:
        def run = demo.restore(*parameters)

        then:
        run.exit == 3
        run.err.contains(message.replace('HOME', demo.home('pg4').toString()))
        run.err.contains('nothing was changed')
        state() == before

        cleanup:
        demo.sh('pg4', 'chmod 700 . data && rm -f data/precious')

        where:
        what                       | close                                      | parameters          || message
        'the folder itself'        | 'chmod 500 data'                           | []                  || '"HOME/data" of pg4 cannot be written: "HOME/data" is not open to user'
        'the folder for the WAL'   | 'chmod 500 .'                              | []                  || '"HOME/data.wal" of pg4 cannot be written: "HOME" is not open to user'
        'where it is moved aside'  | 'echo 1 > data/precious && chmod 500 .'    | ['existing=aside']  || 'HOME/." of pg4 cannot be written'
    }

    def "P51: a target without enough space is refused before anything is touched"() {
        given: "a backup that says it is larger than any disk"
        def manifest = demo.repository().resolve("backups/$second/manifest.json").toFile()
        def text = manifest.text
        manifest.text = ManifestFile.signed(text.replaceFirst(/,\s*"sha256" : "\w+"\s*\}\s*$/, '}')
            .replaceFirst(/"input" : \d+/, '"input" : 4000000000000000'))
        def before = state()

        when:
        def run = demo.restore()

        then:
        run.exit == 3
        run.err =~ /file system ".*" of pg4 lacks [\d.]+ TB for the restore/
        state() == before

        cleanup:
        manifest.text = text
    }

    def "P12: a tablespace of a running server is never restored over"() {
        given:
        ['pg2', 'pg3'].each { demo.sandbox.kill(it) }
        def space = "${demo.home('pg1')}/fast"
        demo.sh('pg1', 'mkdir fast')
        demo.execute('pg1', "create tablespace fast location '$space'", 'create table in_space tablespace fast as select 1 as id')
        def id = demo.backup()

        when:
        def run = demo.restore('existing=aside')

        then:
        run.exit == 3
        run.err.contains("\"$space\" of pg4 is a tablespace of a running server")
        demo.ask('pg1', 'select count(*) from in_space') == 1

        cleanup:
        demo.execute('pg1', 'drop table in_space', 'drop tablespace fast')
        demo.repository().resolve("backups/$id").toFile().deleteDir()
    }

    def "a segment that is missing in the middle is refused, but no obstacle for a target before it"() {
        given:
        def lost = segments()[-2]
        def aside = demo.folder.resolve(lost.fileName)
        Files.move(lost, aside)

        when:
        def refused = demo.restore("backup=$first")

        then:
        refused.exit == 3
        refused.err.contains("WAL segment \"${lost.fileName.toString() - '.zst'}\" is missing in the repository")

        when:
        def restored = demo.restore("time=$between")

        then:
        restored.exit == 0
        demo.ask('pg4', 'select count(*) from rows') == 1001

        and: "it ends by saying where the copy is, that it is detached, and what to do next"
        restored.out.contains("it listens on 127.0.0.1:${demo.port('pg4')}: psql 'host=127.0.0.1 port=${demo.port('pg4')} user=postgres dbname=postgres'")
        restored.out.contains('it is detached from demo: archive_mode is off, it follows nobody')
        restored.out.contains('next: ')

        cleanup:
        Files.move(aside, lost)
        demo.clear()
    }

    def "P39: a history without WAL of its own, as a copy that was promoted for a test leaves it, leads no restore astray"() {
        given:
        def stray = demo.repository().resolve('wal/00000009/00000009.history.gz')
        Files.createDirectories(stray.parent)
        stray.toFile().bytes = gzip("1\t$end\tno recovery target specified\n")

        when:
        def plan = demo.cli.run('run', 'restore/plan', 'demo')

        then:
        plan.exit == 0
        plan.out =~ /(?m)^timeline +1$/

        when: "it is wanted all the same"
        def wanted = demo.cli.run('run', 'restore/plan', 'demo', '-p', 'timeline=9')

        then:
        wanted.exit == 0
        wanted.out =~ /(?m)^timeline +9$/

        cleanup:
        stray.parent.toFile().deleteDir()
    }

    def "a manifest of a newer format is refused, and does not stand in the way of other backups"() {
        given:
        def manifest = demo.repository().resolve("backups/$second/manifest.json").toFile()
        def text = manifest.text
        manifest.text = text.replaceFirst(/"format"\s*:\s*1/, '"format": 2')
        def before = state()

        when:
        def run = demo.restore()

        then:
        run.exit == 3
        run.err.contains('has format 2, newer than 1')
        run.err.contains('-p backup=ID')
        state() == before

        when:
        def other = demo.restore("backup=$first")

        then:
        other.exit == 0

        cleanup:
        manifest.text = text
        demo.clear()
    }

    def "P23: a backup without a manifest does not exist"() {
        given:
        def manifest = demo.repository().resolve("backups/$second/manifest.json")
        def aside = Files.move(manifest, demo.folder.resolve('manifest'))

        when:
        def run = demo.restore("backup=$second")

        then:
        run.exit == 3
        run.err.contains("there is no backup \"$second\"")

        cleanup:
        Files.move(aside, manifest)
    }

    def "P7: a restore of a damaged backup fails and cannot be started; another backup takes its place"() {
        given: "one byte that is another"
        def archive = demo.repository().resolve("backups/$second/data/0002.tar.zst")
        def intact = archive.toFile().bytes
        flip(archive)

        when:
        def run = demo.restore("backup=$second")

        then:
        run.exit == 1
        run.err.contains("data/0002.tar.zst\" is damaged: its SHA-256 is not that of the manifest")
        run.err.contains('the restore is unfinished; no server can start from it')
        !demo.home('pg4').resolve('data/global/pg_control').toFile().exists()
        demo.sh('pg4', 'pg_ctl start -w -t 5 -D data >/dev/null 2>&1; echo $?').trim() != '0'

        when:
        def again = demo.cli.run('run', 'restore/point-in-time', 'demo', '-p', 'onto=pg4', '-p', "backup=$first",
            '-p', 'existing=aside', '--confirm=demo/pg4')

        then:
        again.exit == 0
        demo.ask('pg4', 'select count(*) from rows') == 1004

        and: "nothing was deleted"
        demo.sh('pg4', 'ls -d data.2*/RESTORE_UNFINISHED').readLines().size() == 1

        cleanup:
        archive.toFile().bytes = intact
        demo.clear()
    }

    @Requires(value = { System.getProperty('user.name') == 'root' && RestoreRefusalsSpec.mounts() }, reason = 'no file system can be mounted')
    def "P51: a disk that fills up during the restore fails it, says so, and what is there cannot be started"() {
        given: "a disk with room for one segment and not for the files, of which the manifest says less than is there"
        def manifest = demo.repository().resolve("backups/$second/manifest.json").toFile()
        def text = manifest.text
        manifest.text = ManifestFile.signed(text.replaceFirst(/,\s*"sha256" : "\w+"\s*\}\s*$/, '}').replaceAll(/"input" : \d+/, '"input" : 1'))
        def data = demo.home('pg4').resolve('data')
        def owner = demo.sh('pg4', 'stat -c uid=%u,gid=%g .').trim()
        assert ['mount', '-t', 'tmpfs', '-o', "size=17m,mode=0700,$owner", 'tmpfs', "$data"].execute().waitFor() == 0

        when:
        def run = demo.restore("backup=$second", 'immediate=true')

        then:
        run.exit == 1
        run.err.contains('No space left on device')
        run.err.contains('the restore is unfinished; no server can start from it')
        demo.sh('pg4', 'cat data/RESTORE_UNFINISHED').startsWith("restore of $second")
        !data.resolve('global/pg_control').toFile().exists()

        when: "there is room"
        manifest.text = text
        assert ['umount', "$data"].execute().waitFor() == 0
        def again = demo.restore("backup=$second", 'immediate=true')

        then:
        again.exit == 0
        demo.ask('pg4', 'select count(*) from rows') == 1003

        cleanup:
        manifest.text = text
        demo.sandbox.kill('pg4')
        ['umount', "$data"].execute().waitFor()
        demo.clear()
    }

    static boolean mounts() {
        def folder = Files.createTempDirectory('pgrunbook-mount-')
        try {
            def mounted = ['mount', '-t', 'tmpfs', 'tmpfs', "$folder"].execute().waitFor() == 0
            mounted && ['umount', "$folder"].execute().waitFor() == 0
        } finally {
            Files.delete(folder)
        }
    }

    def "P45: damaged WAL is no end of the archive, but an error"() {
        given:
        def wal = segments().last()
        def intact = wal.toFile().bytes
        flip(wal)

        when:
        def run = demo.restore()

        then:
        run.exit == 1
        run.err.contains(wal.fileName.toString())
        run.err.contains('the restore is unfinished; no server can start from it')
        !demo.home('pg4').resolve('data/global/pg_control').toFile().exists()

        cleanup:
        wal.toFile().bytes = intact
        demo.clear()
    }

    def "P49: settings that were raised after the backup are raised in the recovery up to #where, too"() {
        given:
        demo.execute('pg1', 'alter system set max_connections = 150')
        demo.sh('pg1', 'pg_ctl restart -w -D data -l postgresql.log')
        demo.execute('pg1', 'insert into rows values (1005)', "select pg_create_restore_point('raised')")
        demo.ship()

        when:
        def run = demo.restore(*parameters)

        then:
        run.exit == 0
        demo.ask('pg4', 'select count(*) from rows') == 1005
        demo.ask('pg4', "select current_setting('max_connections')") == '150'

        cleanup:
        demo.clear()
        demo.execute('pg1', 'delete from rows where id = 1005')

        where:
        where             | parameters
        'the end'         | []
        'a restore point' | ['name=raised']
    }

    private List<Path> segments() {
        Files.list(demo.repository().resolve('wal/00000001')).filter { it.fileName.toString() ==~ /[0-9A-F]{24}\.zst/ }.sorted().toList()
    }

    private static byte[] gzip(String text) {
        def bytes = new ByteArrayOutputStream()
        new GZIPOutputStream(bytes).withCloseable { it << text }
        bytes.toByteArray()
    }

    private static void flip(Path file) {
        def bytes = file.toFile().bytes
        bytes[bytes.length.intdiv(2)] ^= 1
        file.toFile().bytes = bytes
    }

    /** Where the restore would go, and the repository: every name and size. */
    private String state() {
        demo.sh('pg4', 'find . -not -path "./.*" -printf "%p %s\\n" | sort') + demo.repository().toFile().with { root ->
            def names = []
            root.eachFileRecurse { names << "$it ${it.length()}" }
            names.sort().join('\n')
        }
    }
}
