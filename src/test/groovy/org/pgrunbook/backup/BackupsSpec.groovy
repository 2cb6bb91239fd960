package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

import java.nio.file.Files
import java.time.Instant

/** What the command "backups" says: how far the cluster can be restored, and what is missing. */
@Stepwise
class BackupsSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(15)
    @Shared String first

    def setupSpec() {
        ['pg2', 'pg3'].each { demo.sandbox.kill(it) }
        demo.execute('pg1', 'create table rows (id int)')
        first = demo.backup()
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

    private List<Map> lines(int exit) {
        def run = demo.cli.run('backups', 'demo', '--json')
        assert run.exit == exit
        run.out.readLines().collect { Json.object(it) }
    }
}
