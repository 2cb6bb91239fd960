package org.pgrunbook.backup

import org.pgrunbook.DataSize
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.ManifestSchema
import org.pgrunbook.journal.Json
import org.pgrunbook.postgres.Lsn
import org.pgrunbook.postgres.WalSegment
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.CRC32C

/** Whatever is damaged or missing in the repository is named by verify, and stops a restore. */
class VerifySpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(17)
    @Shared String id
    @Shared String oid
    @Shared String space

    def setupSpec() {
        ['pg2', 'pg3'].each { demo.sandbox.kill(it) }
        space = "${demo.home('pg1')}/fast"
        demo.sh('pg1', 'mkdir fast && echo long > data/$(printf "x%.0s" $(seq 150)) && ln "data/PG_VERSION" data/again')
        demo.execute('pg1',
            "create tablespace fast location '$space'",
            'create table in_space tablespace fast as select id from generate_series(1, 1000) id',
            "create table rows as select id, repeat('x', 100) as filler from generate_series(1, 5000) id")
        oid = demo.ask('pg1', "select oid::text from pg_tablespace where spcname = 'fast'")
        id = demo.backup()
        demo.ship()
        // A second timeline, as after a failover.
        demo.stop('pg1')
        demo.sh('pg1', 'touch data/standby.signal')
        demo.start('pg1')
        demo.execute('pg1', 'select pg_promote()', 'insert into rows values (5001)')
        demo.ship()
        demo.execute('pg1', 'insert into rows values (5002)')
        demo.ship()
    }

    def "a sound backup is found sound: objects, files, pages and the WAL over both timelines"() {
        when:
        def run = verify()

        then:
        run.exit == 0
        run.out =~ /(?m)^backup +$id\nobjects +9\nstored .*\nfiles +\d{3,}\npages +\d{4,}\nfinding +sound$/
        run.out =~ /(?m)^00000001\S+ +00000002\S+ .* no gap$/
        run.out =~ /finding: $id is sound, and so is the WAL up to 00000002\S+; the last commit in it is of 20/
    }

    def "#what that is #harm is named, and the restore refuses"() {
        given:
        def object = file()
        def intact = object.toFile().bytes
        harm == 'missing' ? Files.delete(object) : flip(object)
        def key = demo.folder.resolve('sandbox/s3/pgrunbook/main').relativize(object).toString()

        when:
        def run = verify()

        then:
        run.exit == 1
        run.err.contains("$key is $harm")
        run.err.contains('1 object is damaged or missing in the repository')

        when:
        def restore = demo.restore("tablespaces=fast=${demo.home('pg4')}/fast")

        then: "what is missing is found before anything is touched, what is damaged before it can be started"
        restore.exit == (needed ? (harm == 'missing' || small ? 3 : 1) : 0)
        !needed || restore.err.contains(object.fileName.toString() - '.zst')
        !needed || !demo.home('pg4').resolve('data/global/pg_control').toFile().exists()

        cleanup:
        object.toFile().bytes = intact
        demo.clear()
        demo.sh('pg4', 'rm -rf fast')

        where:
        [[what, file, needed, small], harm] << [[
            ['an archive of the data directory', { backup('data/0002.tar.zst') }, true],
            ['an archive of a tablespace',       { backup("tablespaces/$oid/0001.tar.zst") }, true],
            ['backup_label',                     { backup('backup_label') }, true, true],
            ['tablespace_map',                   { backup('tablespace_map') }, true, true],
            ['pg_control',                       { backup('pg_control') }, true, true],
            ['RESTORE.md',                       { backup('RESTORE.md') }, false],
            ['the WAL that the backup needs',    { wal('00000001').find { it.fileName.toString().startsWith(start()) } }, true],
            ['the WAL of the newest timeline',   { wal('00000002').first() }, true],
            ['the history of a timeline',        { wal('00000002', '.history').first() }, true],
        ], ['missing', 'damaged']].combinations()
    }

    def "restore/plan reads every object if it is asked to, and names what is damaged"() {
        given:
        def object = backup('data/0002.tar.zst')
        def intact = object.toFile().bytes
        flip(object)
        def spaces = "tablespaces=fast=${demo.home('pg4')}/fast"

        expect: "what is large is not read for a plan"
        demo.cli.run('run', 'restore/plan', 'demo', '-p', spaces).exit == 0

        and:
        with(demo.cli.run('run', 'restore/plan', 'demo', '-p', spaces, '-p', 'read=true')) {
            it.exit == 1
            it.err =~ /1 object is damaged or missing in the repository:\n.*data\/0002.tar.zst is damaged/
        }

        cleanup:
        object.toFile().bytes = intact
    }

    def "a manifest that is damaged is named, and the restore refuses"() {
        given:
        def manifest = backup('manifest.json').toFile()
        def intact = manifest.text
        manifest.text = intact.replaceFirst(/"timeline" : 1/, '"timeline" : 2')

        expect:
        with(verify()) {
            it.exit == 1
            it.err.contains("backups/$id/manifest.json is damaged")
            it.err.contains('its SHA-256 is not what it says')
        }
        demo.restore().exit == 1
        demo.home('pg4').resolve('data').toFile().list().length == 0

        cleanup:
        manifest.text = intact
    }

    def "the manifest is valid by its JSON Schema in docs/"() {
        expect:
        new ManifestSchema().mistakes(backup('manifest.json').toFile().text) == []
    }

    def "a manifest #that is not valid by its JSON Schema"() {
        given:
        def text = backup('manifest.json').toFile().text
        def other = text.replaceFirst(form, into)

        expect:
        other != text
        new ManifestSchema().mistakes(other).any { it.startsWith(mistake) }

        where:
        that                              | form                            | into                        || mistake
        'without a member'                | /"timeline" : 1,/               | ''                          || 'manifest: no timeline'
        'with an unknown member'          | /"timeline" : 1,/               | '"timeline" : 1, "x" : 1,'  || 'manifest: unknown x'
        'with an LSN that is none'        | /"startLsn" : "[^"]+"/          | '"startLsn" : "1"'          || 'manifest.startLsn: not'
        'with a time without its zone'    | /("stopTime" : "[^"]+)Z"/       | '$1"'                       || 'manifest.stopTime: not'
        'with a file of an unknown kind'  | /"kind" : "d"/                  | '"kind" : "p"'              || 'manifest.objects[0].files'
        'with half a sum'                 | /"sha256" : "[0-9a-f]{32}/      | '"sha256" : "'              || 'manifest.objects[0].sha256: not'
        'of a newer format'               | /"format" : 1/                  | '"format" : 2'              || 'manifest.format: not 1'
    }

    def "the sum of a manifest can be checked by hand, as docs/repository.md says"() {
        given:
        def said = new ProcessBuilder('sh', '-c', "sed '\$d' manifest.json | sed '\$d' | head -c -2 | sha256sum; tail -n 2 manifest.json")
            .directory(backup('manifest.json').parent.toFile()).start().inputStream.text

        expect:
        new File(System.getProperty('pgrunbook.home'), 'docs/repository.md').text
            .contains("sed '\$d' manifest.json | sed '\$d' | head -c -2 | sha256sum")
        said =~ /^(\w{64})  -\n  "sha256" : "\1"\n/
    }

    def "P23: without its manifest there is no backup"() {
        given:
        def manifest = backup('manifest.json')
        def aside = Files.move(manifest, demo.folder.resolve('manifest'))

        expect:
        with(verify('-p', "backup=$id")) {
            it.exit == 3
            it.err.contains("there is no backup \"$id\"")
        }
        verify().exit == 3

        cleanup:
        Files.move(aside, manifest)
    }

    def "P11: a page that was damaged on the server's own disk is named"() {
        given:
        def (path, intact) = damage()
        def damaged = demo.backup()

        when:
        def run = verify('-p', 'all=true')

        then:
        run.exit == 1
        run.out =~ /(?m)^$id .* sound$/
        run.err =~ /backups\/$damaged\/data\/\d+.tar.zst has a page with a wrong checksum: page 3 of "$path"/

        when: "it is restored all the same"
        def rehearsal = demo.cli.run('run', 'restore/rehearse', 'demo')

        then:
        rehearsal.exit == 1
        rehearsal.err.contains("the copy has pages with a wrong checksum: page 3 of \"$path\"")

        cleanup:
        repair(path, intact)
        forget(damaged)
    }

    def "P11: a backup with checks=inline names such a page itself; it is kept and marked, counts for nothing, and restores pass it over"() {
        given:
        def (path, intact) = damage()

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo', '-p', 'checks=inline')
        def damaged = demo.backups().last()
        def pages = manifest(damaged).pages

        then:
        run.exit == 1
        run.err =~ /error: 1 page is damaged on the disk of demo\/pg1:\n  page 3 of "$path"\n/
        run.err.contains("backup \"$damaged\" is kept")
        pages.checked > 1000
        pages.damaged*.subMap('file', 'number') == [[file: path, number: 3]]
        new ManifestSchema().mistakes(manifestFile(damaged).text) == []

        and:
        with(demo.cli.run('backups', 'demo')) {
            it.exit == 1
            it.out =~ /(?m)^demo +$damaged .* damaged: page 3 of "$path"/
        }
        with(demo.cli.run('run', 'backup/expire', 'demo', '-p', 'full=1')) {
            it.out =~ /(?m)^$id .* keep +one of the newest 1/
            it.out =~ /(?m)^$damaged .* not complete, does not count/
        }

        and: "the older one leads there as well, unless somebody wants this one"
        with(demo.cli.run('run', 'restore/plan', 'demo')) {
            it.exit == 0
            it.out =~ /(?m)^backup +$id\nwhy +the newest with no damaged page$/
            it.out.contains("warning: \"$damaged\" is passed over: page 3 of \"$path\" of it was damaged when it was taken")
        }
        with(demo.cli.run('run', 'restore/plan', 'demo', '-p', "backup=$damaged")) {
            it.exit == 0
            it.out.contains("warning: \"$damaged\" had damaged pages when it was taken, such as page 3 of \"$path\"")
        }

        cleanup:
        repair(path, intact)
        forget(damaged)
    }

    def "with checks=inline every file has its CRC-32C, by which verify names the files that a damaged archive has lost"() {
        given:
        def whole = demo.backup('-p', 'checks=inline')
        def archive = demo.repository().resolve("backups/$whole/data/0002.tar.zst")
        def files = manifest(whole).objects.find { it.key == 'data/0002.tar.zst' }.files

        expect: "of what lies in the archive, not on the disk"
        files.count { it.crc32c } > 100
        files.findAll { it.crc32c }.take(5).every { it.crc32c == sum(['tar', '-I', 'zstd', '-xOf', "$archive", it.path].execute().inputStream.bytes) }
        new ManifestSchema().mistakes(manifestFile(whole).text) == []
        verify().exit == 0

        when:
        flip(archive)
        def run = verify()

        then:
        run.exit == 1
        run.err =~ /0002.tar.zst is damaged: its SHA-256 is not that of the manifest; cannot be read, or is another: "base\S+"/

        cleanup:
        forget(whole)
    }

    def "where pages have no checksums, checks=inline says so, and takes the sums of files"() {
        given:
        demo.stop('pg1')
        def control = demo.home('pg1').resolve('data/global/pg_control').toFile()
        control.bytes = checksums(control.bytes, 0)
        demo.start('pg1')

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo', '-p', 'checks=inline')
        def taken = demo.backups().last()

        then:
        run.exit == 0
        (run.out + run.err).contains('pages have no checksums here: only the sums of files are taken')
        !manifest(taken).containsKey('pages')
        manifest(taken).objects*.files.flatten().any { it.crc32c }
        verify().exit == 0

        cleanup:
        demo.stop('pg1')
        control.bytes = checksums(control.bytes, 1)
        demo.start('pg1')
        forget(taken)
    }

    /** Changes a page of the table on the disk, and tells its path and what it was. */
    private List damage() {
        def path = demo.ask('pg1', "select pg_relation_filepath('rows')")
        demo.stop('pg1')
        def relation = demo.home('pg1').resolve("data/$path")
        def intact = relation.toFile().bytes
        change(relation, 8192 * 3 + 5000)
        demo.start('pg1')
        [path, intact]
    }

    private void repair(String path, byte[] intact) {
        demo.stop('pg1')
        demo.sh('pg1', "cat > data/$path < /dev/null")
        demo.home('pg1').resolve("data/$path").toFile().bytes = intact
        demo.start('pg1')
    }

    private void forget(String backup) {
        demo.repository().resolve("backups/$backup").toFile().deleteDir()
    }

    private File manifestFile(String backup) {
        demo.repository().resolve("backups/$backup/manifest.json").toFile()
    }

    private Map manifest(String backup) {
        Json.object(manifestFile(backup).text)
    }

    /** data_checksum_version is followed by 32 bytes of a nonce, and by the sum of all that is before it. */
    private static byte[] checksums(byte[] control, int version) {
        def buffer = ByteBuffer.wrap(control).order(ByteOrder.LITTLE_ENDIAN)
        def end = (64..<512).find { buffer.getInt(it) == crc(control, it) }
        buffer.putInt(end - 36, version)
        buffer.putInt(end, crc(control, end))
        control
    }

    private static int crc(byte[] bytes, int length) {
        def sum = new CRC32C()
        sum.update(bytes, 0, length)
        sum.value as int
    }

    private static String sum(byte[] bytes) {
        String.format('%08x', crc(bytes, bytes.length))
    }

    private verify(Object... parameters) {
        demo.cli.run('run', 'backup/verify', 'demo', *parameters)
    }

    private Path backup(String name) {
        demo.repository().resolve("backups/$id/$name")
    }

    private List<Path> wal(String timeline, String suffix = '') {
        Files.list(demo.repository().resolve("wal/$timeline"))
            .filter { it.fileName.toString() ==~ /[0-9A-F]+${suffix}\.zst/ }.sorted().toList()
    }

    /** The segment that the backup begins in. */
    private String start() {
        def lsn = Lsn.parse(Json.object(backup('manifest.json').toFile().text).startLsn as String)
        WalSegment.containing(lsn, 1, DataSize.parse('16MB')).name()
    }

    private static void flip(Path file) {
        change(file, file.toFile().length().intdiv(2))
    }

    private static void change(Path file, long at) {
        new RandomAccessFile(file.toFile(), 'rw').withCloseable {
            it.seek(at)
            def before = it.read()
            it.seek(at)
            it.write(before ^ 1)
        }
    }
}
