package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.KilledRun
import org.pgrunbook.fixtures.SshHost
import org.pgrunbook.journal.Json
import org.pgrunbook.sandbox.UnprivilegedUser
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

import java.nio.file.Files
import java.nio.file.Path
import java.sql.DriverManager
import java.time.Instant

/** What the command "backups" says: how far the cluster can be restored, what is missing, and what was rehearsed. */
@Stepwise
class BackupsSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(15)
    static final DEBIAN = '/usr/lib/postgresql/15/bin'

    @Shared String first

    def setupSpec() {
        ['pg2', 'pg3'].each { demo.sandbox.kill(it) }
        // With these no copy would start, or it would begin to work by itself.
        demo.execute('pg1', 'create table rows (id int)', 'create index on rows (id)',
            "alter system set shared_preload_libraries = 'not_on_this_host'", "alter system set shared_buffers = '4TB'",
            "alter system set hba_file = '/not/on/this/host'")
        first = demo.backup()
    }

    def "where there is no backup there are no headings, and it says so"() {
        given:
        def elsewhere = demo.inventory(demo.sandbox.inventory().toFile().text.replace('prefix: main', 'prefix: other'))

        expect:
        with(elsewhere.run('backups', 'demo')) {
            it.exit == 0
            it.out == 'the newest moment\ndemo  there is no backup of "demo"\n'
        }
    }

    def "a backup that was never rehearsed says so, and how to"() {
        expect:
        lines(0)[0].rehearsal == null
        with(demo.cli.run('backups', 'demo')) {
            it.out =~ /(?m)^demo +$first .* complete +never /
            it.out.contains('the last rehearsal\ndemo  never; do it: pgrunbook run restore/rehearse demo\n')
        }
    }

    def "the newest moment is that of the last commit in the repository, not that of a file"() {
        given:
        def before = Instant.parse(demo.now())
        demo.execute('pg1', 'insert into rows values (1)')
        def after = Instant.parse(demo.now())
        demo.ship()

        when:
        def lines = lines(0)
        def to = Instant.parse(lines.find { it.kind == 'reach' }.to as String)

        then:
        !to.isBefore(before) && !to.isAfter(after)

        and: "bytes and seconds are numbers, instants are ISO, and every line says what it is"
        lines*.v.unique() == [1]
        lines*.kind == ['backup', 'window', 'reach']
        lines*.cluster.unique() == ['demo']
        [lines[0].backup, lines[0].state] == [first, 'complete']
        lines[0].restoredBytes instanceof Number
        lines[0].storedBytes > 100000
        Instant.parse(lines[0].ended as String)
        [lines[1].timeline, lines[1].from, lines[1].to] == [1, lines[0].ended, lines[2].to]
        lines[2].age instanceof Number
    }

    def "P53: a rehearsal needs nothing of the source's configuration, and is shown with its RPO and RTO"() {
        when:
        def run = demo.cli.run('run', 'restore/rehearse', 'demo', '-p', 'immediate=true')
        def rehearsal = lines(0)[0].rehearsal as Map

        then:
        run.exit == 0
        run.out =~ /RTO: [\d.]+ s/
        rehearsal.subMap('backup', 'onto', 'target', 'outcome', 'reason') ==
            [backup: first, onto: 'demo/pg4', target: 'immediate', outcome: 'proved']
        Instant.parse(rehearsal.began as String)
        rehearsal.rpo instanceof Number
        rehearsal.phases*.phase == ['plan', 'files', 'WAL', 'recovery', 'first query', 'amcheck', 'pages']
        Math.abs(rehearsal.rto - rehearsal.phases.take(5)*.took.sum()) < 0.01

        and: "a person reads the same"
        with(demo.cli.run('backups', 'demo').out) {
            it =~ /(?m)^demo +$first .* complete +proved [\d.]+ s ago /
            it =~ /the last rehearsal\n.*\ndemo +$first +20\S+Z +[\d.]+ s +demo\/pg4 +immediate +.* +proved\n/
        }
    }

    @Requires(value = { Files.isExecutable(SshHost.SSHD) }, reason = 'there is no sshd')
    def "without a password in the inventory the copy is reached by a socket, which only the owner of its files can open"() {
        given: "pg4's host by OpenSSH, whose commands run as the owner of the files, and a password for the primary alone"
        def owner = UnprivilegedUser.find().command([]).join(' ')
        def host = SshHost.openssh(Files.createDirectory(demo.folder.resolve('ssh')), "cd / && exec $owner")
        def login = "user: ${System.getProperty('user.name')}, identity: $host.home/.ssh/id_ed25519, knownHosts: $host.home/.ssh/known_hosts"
        def text = demo.sandbox.inventory().toFile().text
        def password = (text =~ /\n +(password: .*sql-password.*)/)[0]
        def inventory = demo.inventory(text.replace(password[0] as String, '')
            .replaceFirst(/(?s)(pg1:.*?sql: \{ port: \d+)/, "\$1, ${password[1]}")
            .replaceFirst(/(?s)(pg4:.*?ssh: \{ port: )\d+/, "\$1$host.port, $login"))

        when:
        def run = inventory.run('run', 'restore/rehearse', 'demo', '-p', 'immediate=true',
            '-p', "query=select coalesce(host(inet_server_addr()), current_setting('unix_socket_permissions'))", '-p', 'expect=0700')

        then:
        run.exit == 0
        run.out =~ /(?m)^query +yes +it answers 0700$/
        demo.sh('pg4', 'ls').split() == ['archive-wal', 'data', 'spool']

        cleanup:
        host.close()
    }

    @Requires(value = { new File(BackupsSpec.DEBIAN, 'pg_amcheck').canExecute() }, reason = 'there is no pg_amcheck')
    def "P54: where the host has them, pg_amcheck and pg_checksums look at the copy; it stays if it is to"() {
        given:
        def text = demo.sandbox.inventory().toFile().text
        def debian = demo.inventory(text.replaceFirst('(?s)(pg4:.*?bin: )"[^"]+"', "\$1\"$DEBIAN\""))
        def scratch = demo.home('pg4').resolve('scratch')
        demo.sh('pg4', 'mkdir -m 700 scratch')

        when:
        def run = debian.run('run', 'restore/rehearse', 'demo', '-p', 'keep=true', '-p', "folder=$scratch")

        then:
        run.exit == 0
        run.out =~ /(?m)^amcheck +yes +every table and index is sound$/
        run.out =~ /(?m)^pages +yes +\d{4,} pages, by pg_checksums$/

        and: "P47, P48: it listens on loopback, archives nothing, and loads nothing that would begin to work"
        def port = (run.out =~ /psql 'host=127.0.0.1 port=(\d+)/)[0][1] as int
        settings(port) == [archive_mode: 'off', listen_addresses: '127.0.0.1', shared_preload_libraries: '', unix_socket_directories: '']

        when: "another rehearsal is to go to the same place"
        def second = demo.cli.run('run', 'restore/rehearse', 'demo', '-p', "folder=$scratch")

        then:
        second.exit == 3
        second.err.contains("\"$scratch\" of pg4 is not empty")
        second.err =~ /Run 20\d{6}-\S+ rehearses there, or has left it/

        when: "an index lacks a row, which no checksum tells"
        demo.sh('pg4', "$DEBIAN/pg_ctl stop -D scratch/data -m fast -s && rm -r scratch/*")
        demo.execute('pg1', "update pg_index set indisready = false where indexrelid = 'rows_id_idx'::regclass",
            'insert into rows values (4711)', "update pg_index set indisready = true where indexrelid = 'rows_id_idx'::regclass")
        demo.ship()
        def third = debian.run('run', 'restore/rehearse', 'demo', '-p', 'pages=false')

        then:
        third.exit == 1
        third.err =~ /error: pg_amcheck found damage: .*"postgres.public.rows_id_idx".*lacks matching index tuple/

        cleanup:
        demo.sh('pg4', 'rm -rf scratch')
        demo.execute('pg1', 'reindex table rows')
    }

    def "a rehearsal of a damaged backup fails, leaves nothing on the host, and is recorded as failed with its reason"() {
        given:
        def archive = demo.repository().resolve("backups/$first/data/0002.tar.zst")
        def intact = archive.toFile().bytes
        flip(archive, intact.length.intdiv(2))

        when:
        def run = demo.cli.run('run', 'restore/rehearse', 'demo')

        then:
        run.exit == 1
        run.err.contains('is damaged: its SHA-256 is not that of the manifest')
        demo.sh('pg4', 'ls').split() == ['archive-wal', 'data', 'spool']

        and:
        with(lines(0)[0].rehearsal as Map) {
            it.outcome == 'failed'
            it.reason.contains('data/0002.tar.zst" is damaged')
            it.rto == null
            it.phases*.phase == ['plan']
        }
        demo.cli.run('backups', 'demo').out =~ /(?m)^demo +$first +20\S+Z .* failed: object ".*0002.tar.zst" is damaged/

        cleanup:
        archive.toFile().bytes = intact
    }

    def "an answer that is not the expected one fails it"() {
        when:
        def run = demo.cli.run('run', 'restore/rehearse', 'demo', '-p', 'query=select 1', '-p', 'expect=7', '-p', 'amcheck=false')

        then:
        run.exit == 1
        run.err.contains('error: the copy answers "1", not "7"')
        (lines(0)[0].rehearsal as Map).reason == 'the copy answers "1", not "7"'
        (lines(0)[0].rehearsal as Map).rto instanceof Number
    }

    def "a rehearsal is refused #where, and nothing is changed"() {
        when:
        def run = demo.cli.run('run', 'restore/rehearse', 'demo', *parameters().collectMany { ['-p', it] })

        then:
        run.exit == exit
        run.err.contains(message)

        where:
        where                                     | parameters                                                    || exit | message
        'on a member without a word where'        | { ['onto=pg1'] }                                              || 3    | 'pg1 is no spare'
        'inside of a data directory'              | { ['onto=pg1', "folder=${demo.home('pg1')}/data/base/x"] }    || 3    | 'which belongs to a database'
        'in a folder that holds something'        | { ['onto=pg1', "folder=${demo.home('pg1')}/spool/.."] }       || 3    | 'is not empty'
        'where nobody may write'                  | { ['folder=/proc/rehearsal'] }                                || 3    | 'cannot be written'
        'in a place that is no absolute path'     | { ['folder=scratch'] }                                        || 2    | 'is no absolute path'
    }

    def "killed (-9) while the copy runs, it is taken back by undo"() {
        when: "just after its server has opened for writes"
        KilledRun.at(demo, 29, 'after', 'restore/rehearse', 'demo')

        then:
        scratchServer() != []

        when:
        def undo = demo.cli.run('undo', 'last', '--confirm=demo')

        then:
        undo.exit == 0
        scratchServer() == []
        demo.sh('pg4', 'ls').split() == ['archive-wal', 'data', 'spool']
    }

    def "P23: what was never finished is shown as that, and nothing else is the worse for it"() {
        given:
        def half = Files.createDirectories(demo.repository().resolve('backups/20200101T000000Z-full/data')).resolve('0001.tar.zst')
        half.toFile().text = 'half'

        expect:
        with(lines(0).find { it.kind == 'unfinished' }) {
            [it.backup, it.objects, it.storedBytes] == ['20200101T000000Z-full', 1, 4]
            Instant.parse(it.written as String)
        }
        demo.cli.run('backups', 'demo').out =~ /never finished, or being taken\n.*\ndemo +20200101T000000Z-full +1 +4 B +20/

        cleanup:
        half.parent.parent.toFile().deleteDir()
    }

    def "a held backup is shown as held"() {
        given:
        demo.cli.run('run', 'backup/hold', 'demo', '-p', "backup=$first", '-p', 'reason=the audit', '-p', 'until=2099-01-01T00:00:00Z')

        expect:
        lines(0)[0].held == 'held until 2099-01-01T00:00:00Z: the audit'
        demo.cli.run('backups', 'demo').out.contains('held until 2099-01-01T00:00:00Z: the audit')

        cleanup:
        demo.cli.run('run', 'backup/release', 'demo', '-p', "backup=$first")
    }

    def "WAL that is missing is named, with exit 1, and parts the time into two windows"() {
        given: "the segment after the first backup is lost, then a second backup is taken"
        demo.execute('pg1', 'insert into rows values (2)')
        demo.ship()
        def wal = demo.repository().resolve('wal/00000001')
        def lost = Files.list(wal).filter { it.fileName.toString() ==~ /[0-9A-F]{24}\.zst/ }.sorted().toList().last()
        Files.delete(lost)
        demo.execute('pg1', 'insert into rows values (3)')
        def second = demo.backup()
        def name = lost.fileName.toString() - '.zst'

        when:
        def lines = lines(1)
        def run = demo.cli.run('backups', 'demo')

        then:
        lines.findAll { it.kind == 'gap' }.collect { [it.first, it.last, it.files, it.timeline] } == [[name, name, 1, 1]]
        lines.findAll { it.kind == 'window' }*.backup == [first, second]
        lines.last().to == lines.findAll { it.kind == 'window' }.last().to

        and: "a person reads the same"
        run.exit == 1
        run.out =~ /WAL that is missing\n.*\ndemo +1 +$name +$name +1\n/
        run.err.startsWith('error: WAL is missing, or a backup is not complete\nHINT: ')
    }

    def "a manifest that cannot be read, and an object that is missing, are named and hide nothing else"() {
        given:
        def manifest = demo.repository().resolve("backups/$first/manifest.json").toFile()
        def intact = manifest.text
        manifest.text = intact.take(200)
        def second = demo.backups().last()
        def label = demo.repository().resolve("backups/$second/backup_label")
        def bytes = label.toFile().bytes
        Files.delete(label)

        when:
        def lines = lines(1)

        then:
        lines[0].state =~ /manifest ".*$first.*" is damaged/
        lines[1].state =~ /$second\/backup_label is missing/
        lines.last().remark == 'no backup can be restored'

        cleanup:
        manifest.text = intact
        label.toFile().bytes = bytes
    }

    private static void flip(Path file, int at) {
        def bytes = file.toFile().bytes
        bytes[at] ^= 1
        file.toFile().bytes = bytes
    }

    /** Those of its processes that work in the copy's data directory. */
    private List<String> scratchServer() {
        demo.sh('pg4', 'find /proc/[0-9]*/cwd -maxdepth 0 -lname "$(pwd -P)/data.rehearsal/data" 2>/dev/null || true').readLines()
    }

    private Map<String, String> settings(int port) {
        def password = demo.folder.resolve('sandbox/secrets/sql-password').toFile().text.trim()
        DriverManager.getConnection("jdbc:postgresql://127.0.0.1:$port/postgres", 'postgres', password).withCloseable { connection ->
            def rows = connection.createStatement().executeQuery("select name, setting from pg_settings where name in " +
                "('archive_mode', 'listen_addresses', 'shared_preload_libraries', 'unix_socket_directories') order by 1")
            def found = [:]
            while (rows.next()) {
                found[rows.getString(1)] = rows.getString(2)
            }
            found
        }
    }

    private List<Map> lines(int exit) {
        def run = demo.cli.run('backups', 'demo', '--json')
        assert run.exit == exit
        run.out.readLines().collect { Json.object(it) }
    }
}
