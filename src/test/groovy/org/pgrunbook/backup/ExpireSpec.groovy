package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.FaultyWire
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.time.Duration
import java.time.Instant

/** What the retention no longer wants is deleted, and nothing that anybody needs. */
class ExpireSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)
    final PollingConditions soon = new PollingConditions(timeout: 60, delay: 0.05)

    def setupSpec() {
        ['pg2', 'pg3'].each { demo.sandbox.kill(it) }
        demo.execute('pg1', 'create table rows (id int)')
        backups(3)
    }

    /** As many more backups, each followed by a segment of WAL. */
    private void backups(int count) {
        count.times {
            demo.execute('pg1', 'insert into rows values (1)')
            demo.backup()
            demo.ship()
        }
    }

    def "P59: nothing is deleted before somebody has seen what, and agreed"() {
        given:
        def before = state()

        when:
        def run = demo.cli.run('run', 'backup/expire', 'demo', '-p', 'full=2', '--yes')

        then:
        run.exit == 3
        run.out =~ /(?m)^${demo.backups()[0]} .* delete +nothing wants it +no$/
        run.out =~ /(?m)^${demo.backups()[1]} .* keep +one of the newest 2 +yes$/
        run.err.contains('Give --confirm=demo to agree beforehand')
        run.err.contains('Delete 1 of 3 backups')
        state() == before
    }

    def "without a retention it says what to set, and deletes nothing"() {
        given:
        def before = state()

        when:
        def run = demo.cli.run('run', 'backup/expire', 'demo', '--confirm=demo')

        then:
        run.exit == 2
        run.err.contains('nothing says which backups to keep')
        state() == before
    }

    def "P61: without any backup nobody can tell what the WAL is needed for, so it stays"() {
        given:
        def backups = demo.repository().resolve('backups')
        def aside = demo.folder.resolve('backups aside')
        Files.move(backups, aside)
        def before = state()

        when:
        def run = demo.cli.run('run', 'backup/expire', 'demo', '-p', 'full=1', '--confirm=demo')

        then:
        run.exit == 3
        run.err.contains('there is no backup of "demo"')
        state() == before

        cleanup:
        Files.move(aside, backups)
    }

    def "P57: by the window of the inventory; all that is within can be restored, and so can everything after it"() {
        given:
        def text = demo.sandbox.inventory().toFile().text
        def cli = demo.inventory(text.replace('  main:\n', '  main:\n    retention: { window: 30 days }\n'))

        when:
        def run = cli.run('run', 'backup/expire', 'demo', '--confirm=demo')

        then:
        run.exit == 0
        run.out.contains('for the window of 30 d')
        demo.backups().size() == 3
    }

    def "a held backup is kept with its WAL, until it is released"() {
        given:
        def (first, second, third) = demo.backups()
        demo.backups().each { rehearsal(it) }

        expect:
        demo.cli.run('run', 'backup/hold', 'demo', '-p', "backup=$first", '-p', 'reason=the audit').exit == 0
        demo.cli.run('run', 'backup/hold', 'demo', '-p', 'backup=20000101T000000Z-full', '-p', 'reason=x').exit == 3

        when:
        def run = expire(1)

        then:
        run.exit == 0
        run.out =~ /(?m)^$first .* keep +held: the audit +no$/
        demo.backups() == [first, third]

        and: "with a backup the results of its rehearsals go"
        demo.repository().resolve('rehearsals').toFile().list().sort() == [first, third]

        and: "what is kept is sound; of what is held that is itself alone"
        with(verify(first)) {
            it.exit == 0
            it.out.contains("$first is held: only the WAL up to its end is there")
        }
        verify(third).exit == 0

        when:
        def released = demo.cli.run('run', 'backup/release', 'demo', '-p', "backup=$first")

        then:
        released.out.contains("$first is released; it was held: the audit")
        expire(1).exit == 0
        demo.backups() == [third]
        verify(third).exit == 0
        expire(1).out.contains('there is nothing to delete')
    }

    def "a hold that cannot be read holds"() {
        given:
        backups(1)
        def first = demo.backups().first()
        def hold = Files.createDirectories(demo.repository().resolve('holds')).resolve("${first}.json")
        hold.toFile().text = '{"format" : 1, "reas'

        expect:
        expire(1).exit == 0
        demo.backups().first() == first

        when: "it is gone, and with it the reason to keep the backup"
        Files.delete(hold)

        then:
        expire(1).exit == 0
        demo.backups().first() != first
    }

    def "P21: what an unfinished backup has left is deleted once nobody can be working on it"() {
        given:
        def left = Files.createDirectories(demo.repository().resolve('backups/20200101T000000Z-full/data')).resolve('0001.tar.zst')
        left.toFile().text = 'half'
        def orphan = rehearsal('20200102T000000Z-full')

        when:
        def young = expire(9)

        then:
        young.exit == 0
        Files.exists(left)

        when:
        [left, orphan].each { Files.setLastModifiedTime(it, FileTime.from(Instant.now() - Duration.ofDays(3))) }
        def old = expire(9)

        then:
        old.exit == 0
        old.out.contains('delete what 20200101T000000Z-full has left')
        !Files.exists(left)

        and: "and the rehearsals of a backup that somebody has removed by hand"
        old.out.contains('delete what 20200102T000000Z-full has left')
        !Files.exists(orphan)
    }

    def "a manifest that cannot be read keeps every backup and all WAL"() {
        given:
        def manifest = demo.repository().resolve("backups/${demo.backups().last()}/manifest.json").toFile()
        def intact = manifest.text
        manifest.text = intact.take(100)
        def before = state()

        when:
        def run = expire(1)

        then:
        run.exit == 0
        run.out.contains('no backup and no WAL expires as long as one cannot be read')
        state() == before

        cleanup:
        manifest.text = intact
    }

    def "killed (-9) at #moment, whatever claims to be a backup is one, and beginning again finishes it"() {
        given: "three backups, and a store that answers no further"
        backups(3 - demo.backups().size())
        def text = demo.sandbox.inventory().toFile().text
        def store = URI.create((text =~ /endpoint: (\S+)/)[0][1])
        def wire = new FaultyWire(store)
        wire.stall('^(DELETE|POST .*delete)', deletions)
        def inventory = demo.folder.resolve('wired.yml')
        inventory.toFile().text = text.replace(store.toString(), wire.uri().toString())

        when:
        def run = demo.start('expiry', ['-Xmx256m'], '-i', inventory, 'run', 'backup/expire', 'demo', '-p', 'full=1', '--confirm=demo')
        soon.eventually { assert wire.stalled == 1 }
        run.destroyForcibly().waitFor()

        then:
        committed().size() == left
        committed().every { id -> verify(id).exit == 0 }

        when:
        def again = demo.cli.run('run', 'backup/expire', 'demo', '-p', 'full=1', '-p', 'abandonedAfter=0s', '--confirm=demo')

        then:
        again.exit == 0
        demo.backups().size() == 1
        verify(demo.backups().first()).exit == 0
        expire(1).out.contains('there is nothing to delete')

        cleanup:
        run?.destroyForcibly()
        wire?.close()

        where:
        moment                                | deletions || left
        'the manifest of the first'           | 0         || 3
        'its objects'                         | 1         || 2
        'the WAL'                             | 4         || 1
    }

    /** A result as restore/rehearse leaves it. */
    private Path rehearsal(String backup) {
        def file = Files.createDirectories(demo.repository().resolve("rehearsals/$backup")).resolve('20200103-000000-abcd.json')
        file.toFile().text = '{}'
        file
    }

    private expire(int full) {
        demo.cli.run('run', 'backup/expire', 'demo', '-p', "full=$full", '--confirm=demo')
    }

    private verify(String id) {
        demo.cli.run('run', 'backup/verify', 'demo', '-p', "backup=$id")
    }

    private List<String> committed() {
        demo.backups().findAll { demo.repository().resolve("backups/$it/manifest.json").toFile().exists() }
    }

    private Set<String> state() {
        def names = [] as Set
        demo.repository().toFile().eachFileRecurse { names << it.path }
        names
    }
}
