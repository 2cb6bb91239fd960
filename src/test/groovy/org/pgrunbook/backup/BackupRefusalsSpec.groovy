package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** What would be no backup is refused before a file is copied; WAL that is not right is not shipped. */
class BackupRefusalsSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(16)

    def setupSpec() {
        demo.backup()
        demo.ship()
    }

    def "archive_mode off is refused: a backup without its WAL is none"() {
        given:
        restartWith('alter system set archive_mode = off')
        def before = demo.backups()

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo')

        then:
        run.exit == 3
        run.err.contains('archive_mode of pg1 is off')
        demo.backups() == before

        cleanup:
        restartWith('alter system reset archive_mode')
    }

    def "a spool that is missing on the host is refused by #runbook"() {
        given:
        demo.sh('pg1', 'mv spool elsewhere')
        def before = demo.backups()

        when:
        def run = demo.cli.run('run', runbook, 'demo')

        then:
        run.exit == 3
        run.err.contains('there is no spool "spool" on pg1')
        demo.backups() == before

        cleanup:
        demo.sh('pg1', 'mv elsewhere spool')

        where:
        runbook << ['backup/base-backup', 'backup/ship-wal']
    }

    def "P17: where WAL does not come, the backup fails and says what the archiver says"() {
        given:
        demo.execute('pg1', "alter system set archive_command = 'false'", 'select pg_reload_conf()')
        def before = demo.backups()

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo', '-p', 'patience=3s')

        then:
        run.exit == 1
        run.err =~ /WAL segment "0000000100000000000000.." did not come into the spool of pg1 within 3.0 s/
        run.err.contains('Check archive_command, and that it fills "spool" on the host.')
        run.err =~ /The archiver failed last on 0000000100000000000000/

        and: "there is no backup more"
        committed() == before

        cleanup:
        demo.execute('pg1', 'alter system reset archive_command', 'select pg_reload_conf()')
    }

    def "P22: a backup that would not be the newest by its id is refused"() {
        given:
        def future = demo.repository().resolve('backups/20991231T000000Z-full')
        Files.createDirectories(future)
        Files.copy(demo.repository().resolve("backups/${demo.backups().first()}/manifest.json"), future.resolve('manifest.json'))

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo')

        then:
        run.exit == 3
        run.err.contains('backup "20991231T000000Z-full" is not older than now')
        run.err.contains('clock skew')

        cleanup:
        future.toFile().deleteDir()
    }

    def "P30: the same WAL once more is fine, and gone from the spool"() {
        given:
        def name = spool(segment())

        when:
        def run = demo.cli.run('run', 'backup/ship-wal', 'demo')

        then:
        run.exit == 0
        !spooled(name).exists()
    }

    def "P30: other content under a name that the repository has is an error, and stays where it is"() {
        given:
        def bytes = segment()
        bytes[bytes.length - 1] ^= 1
        def name = spool(bytes)
        def before = stored(name).toFile().bytes

        when:
        def run = demo.cli.run('run', 'backup/ship-wal', 'demo')

        then:
        run.exit == 1
        run.err.contains("WAL file \"$name\" of pg1 differs from the one in the repository")
        run.err.contains('the repository is as it was, the file is still in the spool')
        stored(name).toFile().bytes == before
        spooled(name).exists()

        cleanup:
        spooled(name).delete()
    }

    def "P35: WAL #what is not taken into the repository"() {
        given:
        def name = spool(change(segment()), file)

        when:
        def run = demo.cli.run('run', 'backup/ship-wal', 'demo')

        then:
        run.exit == 1
        run.err =~ message
        run.err.contains('the repository is as it was, the file is still in the spool')
        !stored(name).toFile().exists()
        spooled(name).exists()

        cleanup:
        spooled(name).delete()

        where:
        what                        | file                       | change                                               || message
        'of another database system'| '0000000100000000000000F0' | { byte[] b -> b[24] ^= 1; b }                        || /is of database system \d+, not \d+/
        'that is not whole'         | '0000000100000000000000F1' | { byte[] b -> Arrays.copyOf(b, 1 << 20) }            || /has 1 MB, not 16 MB/
        'under a wrong name'        | '0000000100000000000000F2' | { byte[] b -> b }                                    || /the file holds the WAL from/
        'that is none'              | '0000000100000000000000F3' | { byte[] b -> new byte[16 << 20] }                   || /no WAL segment/
    }

    def "a file that is no WAL stays in the spool and is left alone"() {
        given:
        demo.sh('pg1', 'echo note > spool/README')

        expect:
        demo.cli.run('run', 'backup/ship-wal', 'demo').exit == 0
        demo.home('pg1').resolve('spool/README').toFile().exists()
    }

    def "P10: a name that is not UTF-8 fails the backup, for its file would be taken for one that vanished"() {
        given:
        demo.sh('pg1', 'touch "data/$(printf "caf\\351")"')

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo')

        then:
        run.exit == 1
        run.err.contains('is not UTF-8')

        cleanup:
        demo.sh('pg1', 'rm data/caf*')
    }

    def "P12: what a link leads to is not in the backup, which says so"() {
        given:
        demo.sh('pg1', 'mkdir outside && ln -s ../outside data/link')

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo')

        then:
        run.exit == 0
        (run.out + run.err).contains('"link" of pg1 is a link: the link is in the backup, but not what it leads to')

        cleanup:
        demo.sh('pg1', 'rm -r data/link outside')
    }

    def "P13: that the configuration is outside of the data directory, and so not in the backup, is said"() {
        given:
        demo.stop('pg1')
        demo.sh('pg1', 'mkdir outside && mv data/postgresql.conf outside && ' +
            'pg_ctl start -w -D data -l postgresql.log -o "-c config_file=$PWD/outside/postgresql.conf"')

        when:
        def run = demo.cli.run('run', 'backup/base-backup', 'demo', '--dry-run')

        then:
        run.exit == 0
        run.out.contains("\"${demo.home('pg1')}/outside/postgresql.conf\" of pg1 is outside of the data directory, so it is not in the backup")

        cleanup:
        demo.stop('pg1')
        demo.sh('pg1', 'mv outside/postgresql.conf data && rmdir outside')
        demo.start('pg1')
    }

    private void restartWith(String sql) {
        demo.execute('pg1', sql)
        demo.sh('pg1', 'pg_ctl restart -w -D data -l postgresql.log')
    }

    private List<String> committed() {
        demo.backups().findAll { demo.repository().resolve("backups/$it/manifest.json").toFile().exists() }
    }

    /** The first stored segment, as the server wrote it. */
    private byte[] segment() {
        Unpacking.of('x.zst', stored(first()).toFile().newInputStream()).bytes
    }

    private String first() {
        (demo.repository().resolve('wal/00000001').toFile().list().findAll { it ==~ /[0-9A-F]{24}\.zst/ }.sort().first()) - '.zst'
    }

    private String spool(byte[] bytes, String name = first()) {
        spooled(name).bytes = bytes
        name
    }

    private File spooled(String name) {
        demo.home('pg1').resolve("spool/$name").toFile()
    }

    private Path stored(String name) {
        demo.repository().resolve("wal/00000001/${name}.zst")
    }
}
