package org.pgrunbook.backup

import org.pgrunbook.Secrets
import org.pgrunbook.Time
import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.FaultyWire
import org.pgrunbook.fixtures.SshHost
import org.pgrunbook.inventory.InventoryReader
import org.pgrunbook.journal.Json
import org.pgrunbook.journal.State
import org.pgrunbook.runbook.Answers
import org.pgrunbook.runbook.Engine
import org.pgrunbook.runbook.Library
import org.pgrunbook.runbook.Origin
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.zip.CRC32C

/** Whatever ends a backup in its middle, or meets it, nothing wrong is left, and what is right is not sent again. */
class BackupInterruptedSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(17)
    final PollingConditions soon = new PollingConditions(timeout: 60, delay: 0.05)

    def setupSpec() {
        demo.execute('pg1', 'create table rows as select id from generate_series(1, 1000) id')
        demo.backup()
        // At a limited rate this takes long enough to be met in its middle; each file is an archive of its own.
        demo.sh('pg1', 'mkdir data/ballast && for i in 1 2 3 4; do head -c 17000000 /dev/urandom > data/ballast/$i; done')
    }

    def "killed (-9), it leaves no backup, neither in the repository nor in progress"() {
        given:
        def before = committed()
        def run = slowBackup('killed', SOME_STORED)

        when:
        run.destroyForcibly().waitFor()

        then: "the host is left by all processes, and the server by the session"
        soon.eventually {
            assert demo.processes('tar') + demo.processes('zstd') == []
            assert inProgress() == 0
        }
        committed() == before
    }

    def "P15: the next one takes over what is the same to the byte, and sends what is not, whatever its size and time"() {
        given: "what the killed one has stored, and changes: rows, and a byte that neither size nor time betrays"
        def there = stored().collectMany { archive -> archive.files*.path.size() == 1 ? [archive] : [] }
        demo.execute('pg1', 'insert into rows select id from generate_series(1001, 2000) id', 'checkpoint')
        demo.sh('pg1', '''cd data/ballast && touch -r 1 ../../time && printf x | dd of=1 bs=1 seek=12345678 conv=notrunc 2>/dev/null &&
            touch -r ../../time 1''')
        def same = there.findAll { it.files*.path != ['ballast/1'] }

        when:
        def run = backup('-p', 'checks=inline')
        def manifest = Json.object(object(run.id, 'manifest.json').text)

        then:
        there*.files*.path.contains(['ballast/1'])
        same.size() >= 1
        run.copied.collect { key -> manifest.objects.find { it.key == key }.sha256 }.toSet() == same*.sha256.toSet()

        and: "the others are sent, and only those"
        run.sent.toSet() == manifest.objects*.key.toSet() - run.copied

        and: "what was taken over was looked at as well"
        sum(demo.home('pg1').resolve('data/ballast/2')) == manifest.objects*.files.flatten().find { it.path == 'ballast/2' }.crc32c
        manifest.objects*.files.flatten().findAll { it.kind == 'f' && it.path.startsWith('ballast') }.every { it.crc32c }

        and: "of the notes nothing is left"
        !object(run.id, 'attempt').exists()

        when:
        def verified = demo.cli.run('run', 'backup/verify', 'demo')
        def restored = demo.restore()

        then: "it is as sound as any"
        verified.exit == 0
        restored.exit == 0
        demo.ask('pg4', 'select count(*) || \' \' || sum(id) from rows') == '2000 2001000'
        demo.sh('pg1', "for i in 1 2 3 4; do cmp data/ballast/\$i ${demo.home('pg4')}/data/ballast/\$i; done") == ''

        cleanup:
        demo.clear()
    }

    def "P15: nothing is taken over #which"() {
        given: "what the killed one has left is still there"
        def left = demo.backups().find { !object(it, 'manifest.json').exists() }
        object(left, 'attempt/data').listFiles().each { it.text = change(it.text) }

        expect:
        backup(*parameters).copied == []

        where:
        which                                    | parameters        | change
        'that was compressed in another way'     | ['-p', 'level=1'] | { it }
        'of which the note has another sum'      | []                | { it.replaceFirst(/"sha256":"....../, '"sha256":"000000') }
        'of which the note names another file'   | []                | { it.replaceFirst('ballast/2', 'ballast/3') }
        'of which the note cannot be read'       | []                | { it[0..it.size() / 2] }
    }

    def "interrupted by #signal, it stops cleanly with exit #status and leaves nothing running on the host"() {
        given:
        def before = committed()
        def run = slowBackup(signal)

        when:
        new ProcessBuilder('kill', "-$signal", run.pid().toString()).start().waitFor()

        then:
        run.waitFor() == status
        demo.processes('tar') + demo.processes('zstd') == []

        and: "it says so, and what that leaves"
        said(signal).contains('error: interrupted')
        soon.eventually { assert inProgress() == 0 }
        committed() == before

        where:
        signal | status
        'INT'  | 130
        'TERM' | 143
    }

    def "P1: when its session is lost, it fails at once instead of copying on"() {
        given:
        def before = committed()
        def run = slowBackup('lost')

        when:
        demo.execute('pg1', "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgrunbook/%'")

        then:
        run.waitFor() == 1
        said('lost').contains('the session was lost')
        demo.processes('tar') + demo.processes('zstd') == []
        committed() == before
    }

    def "P1: when the primary is restarted, it fails, and the next one is sound"() {
        given:
        def before = committed()
        def run = slowBackup('restarted')

        when:
        demo.stop('pg1')
        demo.start('pg1')

        then:
        run.waitFor() == 1
        said('restarted').contains('the session was lost')
        committed() == before
        demo.backup()
        demo.cli.run('run', 'backup/verify', 'demo').exit == 0
    }

    def "when SSH is cut in mid-stream it fails, and says so; when it goes on, it takes over what it has stored itself"() {
        given: "the primary's host by another SSH server, whose connections can be cut"
        def host = SshHost.mina(Files.createDirectory(demo.folder.resolve('ssh')))
        def port = demo.sandbox.status().nodes().first().sshPort()
        def cli = demo.inventory(demo.sandbox.inventory().toFile().text
            .replace('spool: spool', "spool: ${demo.home('pg1')}/spool")
            .replace("ssh: { port: $port }", "ssh: { port: $host.port, identity: $host.home/.ssh/id_ed25519, knownHosts: $host.home/.ssh/known_hosts }"))
        forget()
        def before = committed()
        def run = slowBackup('cut', SOME_STORED, cli)

        when:
        host.drop()

        then:
        run.waitFor() == 1
        said('cut') =~ /error: .*connection/
        committed() == before

        when:
        def resumed = cli.run('resume', 'last')

        then:
        resumed.exit == 0
        resumed.out =~ /\b[1-9]\d* of \d+ archives \(.*\) were there already/
        committed().size() == before.size() + 1

        cleanup:
        host.close()
    }

    def "P26: where S3 answers 500, asks to slow down, cuts connections and loses an answer, the backup is taken all the same, and is sound"() {
        given:
        def wire = new FaultyWire(s3())
        def archive = /PUT .*data\W000/
        wire.answer(archive, 2, '500 Internal Server Error', ERROR)
        wire.answer(archive, 2, '503 Slow Down', '<Error><Code>SlowDown</Code></Error>')
        wire.cutRequest(archive, 2, 1_000_000)
        wire.answerAfterwards(/POST .*uploadId/, 1, '503 Service Unavailable')

        when:
        def run = through(wire).run('run', 'backup/base-backup', 'demo', '-p', 'level=1')

        then:
        run.exit == 0
        wire.requests.count { it =~ archive } > 6
        demo.cli.run('run', 'backup/verify', 'demo').exit == 0

        cleanup:
        wire.close()
    }

    def "P26: where S3 #fault for good, the backup fails and says so, and the next one takes over what was stored"() {
        given:
        forget()
        def before = committed()
        def wire = new FaultyWire(s3())
        happens(wire)

        when:
        def run = through(wire).run('run', 'backup/base-backup', 'demo', '-p', 'level=1', '-p', 'processes=1')

        then:
        run.exit == 1
        run.err =~ message
        committed() == before
        backup('-p', 'level=1', '-p', 'processes=1').copied.size() >= 2

        cleanup:
        wire.close()

        where:
        fault                                         | happens                                                                || message
        'answers 500'                                 | { it.answer(/PUT .*data\W0004/, 99, '500 Internal Server Error', ERROR) } || /overloaded or out of order: 500 InternalError/
        'completes with 200 and an error in the body' | { it.answer(/POST .*data\W0004.*uploadId/, 99, '200 OK', DENIED) }     || /AccessDenied/
    }

    static final ERROR = '<Error><Code>InternalError</Code><Message>We are sorry.</Message></Error>'
    static final DENIED = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>'

    def "a second backup is told who holds the lock (exit 4); WAL is shipped meanwhile"() {
        given:
        def run = slowBackup('first', '1MB')

        when:
        def second = demo.cli.run('run', 'backup/base-backup', 'demo')
        def ship = demo.cli.run('run', 'backup/ship-wal', 'demo', '-p', 'current=true')

        then:
        second.exit == 4
        second.err =~ /lock "demo.backup" is held by run \S+ of \S+ on \S+ \(process ${run.pid()}\) since/
        ship.exit == 0
        run.alive

        cleanup:
        run.destroyForcibly().waitFor()
    }

    def "P21: another machine, which has only the repository in common, is told who takes a backup (exit 4), and spoils nothing"() {
        given:
        def other = new Cli(demo.folder.resolve('state of another'), demo.sandbox.inventory())
        other.folder = demo.folder
        def before = committed()
        def run = slowBackup('one of two', '10MB')

        when:
        def second = other.run('run', 'backup/base-backup', 'demo')
        def first = run.waitFor()

        then:
        second.exit == 4
        first == 0
        committed().size() == before.size() + 1
        demo.cli.run('run', 'backup/verify', 'demo').exit == 0
    }

    def "P22: by a controller's clock that is a day ahead the id is made, and nothing else"() {
        given:
        def before = demo.now()

        when:
        def result = withClock(Duration.ofDays(1), 'backup/base-backup')
        def id = demo.backups().last()
        demo.execute('pg1', 'insert into rows values (4711)')
        def after = demo.now()
        demo.execute('pg1', 'insert into rows values (4712)')
        demo.ship()

        then: "the times of the backup are the server's, and targets are compared with them"
        result.exit().code() == 0
        def manifest = Json.object(object(id, 'manifest.json').text)
        Instant.parse(before) < Instant.parse(manifest.startTime)
        Instant.parse(manifest.stopTime) < Instant.parse(after)
        demo.cli.run('run', 'restore/plan', 'demo', '-p', "time=$after").out.contains(id)
        !demo.cli.run('run', 'restore/plan', 'demo', '-p', "time=$before").out.contains(id)

        when: "the clock is put right"
        def next = demo.cli.run('run', 'backup/base-backup', 'demo')

        then: "ids would not rise"
        next.exit == 3
        next.err.contains('clock skew')

        cleanup:
        object(id, '').deleteDir()
    }

    def "P22: by a clock that is a day behind no backup is taken"() {
        expect:
        withClock(Duration.ofDays(-1), 'backup/base-backup').exit().code() == 3
    }

    // The last one: afterwards there are two primaries.
    def "P85: where a standby was promoted meanwhile, files of what the cluster has left behind become no backup"() {
        given:
        def before = committed()
        def run = slowBackup('left behind', '10MB')

        when:
        demo.execute('pg2', 'select pg_promote()')
        demo.execute('pg1', 'insert into rows values (0)')

        then:
        run.waitFor() == 1
        said('left behind') =~ /pg2 is on timeline 2, which does not go through the end of the backup/
        committed() == before
    }

    /** A backup of which the copying has begun; or gone so far that archives with files are stored. */
    private Process slowBackup(String output, String rate = '2MB', Cli cli = demo.cli) {
        def ours = demo.cli.environment.PGRUNBOOK_INVENTORY
        demo.cli.environment.PGRUNBOOK_INVENTORY = cli.environment.PGRUNBOOK_INVENTORY
        def before = demo.backups()
        def run = demo.start(output, ['-Xmx256m'], 'run', 'backup/base-backup', 'demo', '-p', "maxRate=$rate")
        demo.cli.environment.PGRUNBOOK_INVENTORY = ours
        soon.eventually {
            assert run.alive: said(output)
            assert demo.backups() != before
            assert stored().size() >= (rate == SOME_STORED ? 3 : 1)
        }
        run
    }

    /** At this rate two archives with files have come before much else has. */
    static final SOME_STORED = '8MB'

    /** A backup, and which of its archives were sent, and which copied. */
    private Map backup(Object... parameters) {
        def run = demo.cli.run('run', 'backup/base-backup', 'demo', '--json', *parameters)
        assert run.exit == 0: run
        def id = demo.backups().last()
        def requests = run.out.readLines().collect { Json.object(it) }.findAll { it.event == 'operation-ended' }*.operation*.text
        def of = { String form -> requests.collectMany { (it =~ form).collect { found -> found[1] } } }
        [id: id, sent: of(/^PUT \S+\/$id\/(data\S+)$/), copied: of(/^COPY \S+ to \S+\/$id\/(\S+)$/)]
    }

    private static String sum(Path file) {
        def sum = new CRC32C()
        sum.update(file.toFile().bytes)
        String.format('%08x', sum.value)
    }

    /** What unfinished backups have left is no longer there. */
    private void forget() {
        (demo.backups() - committed()).each { object(it, '').deleteDir() }
    }

    /** What the newest backup, unfinished, has noted of its archives. */
    private List<Map> stored() {
        (object(demo.backups().last(), 'attempt/data').listFiles() ?: []).collect { Json.object(it.text).archive as Map }
    }

    private Engine.Result withClock(Duration off, String runbook) {
        def right = Time.system()
        def time = [now: { right.now() + off }, nanos: { right.nanos() }, sleep: { Duration it -> right.sleep(it) }] as Time
        def inventory = InventoryReader.read(InventoryReader.locate(Optional.empty(), demo.cli.environment, demo.folder))
        def library = Library.of(demo.folder, Path.of(System.getProperty('pgrunbook.home')))
        new Engine(inventory, State.of(demo.cli.environment), time, new Secrets(), [],
            { question, name -> new Answers.Answer(true, 'the test agrees') } as Answers, Origin.of([], 'test'))
            .run(new Engine.Request(library.find(runbook), Optional.of('demo'), [:]))
    }

    private URI s3() {
        URI.create((demo.sandbox.inventory().toFile().text =~ /endpoint: (\S+)/)[0][1] as String)
    }

    private Cli through(FaultyWire wire) {
        demo.inventory(demo.sandbox.inventory().toFile().text.replace("endpoint: ${s3()}", "endpoint: ${wire.uri()}"))
    }

    private File object(String id, String name) {
        demo.repository().resolve("backups/$id/$name").toFile()
    }

    private String said(String output) {
        demo.folder.resolve(output).toFile().text
    }

    private List<String> committed() {
        demo.backups().findAll { object(it, 'manifest.json').exists() }
    }

    private int inProgress() {
        // A backup is in progress as long as its session lives.
        demo.ask('pg1', "select count(*)::int from pg_stat_activity where application_name like 'pgrunbook/%'") as int
    }
}
