package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.ManifestSchema
import org.pgrunbook.fixtures.SshHost
import spock.lang.AutoCleanup
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

class BackupWithGzipSpec extends Specification {
    @AutoCleanup DemoSandbox demo = DemoSandbox.up(17)
    @AutoCleanup SshHost host = SshHost.mina(Files.createDirectory(demo.folder.resolve('ssh')), "export PATH=${pathWithoutZstd()}; ")

    def "a host without zstd packs with gzip, and that is restored where there is both"() {
        given: "the primary's files, seen by an SSH server that has no zstd"
        def inventory = demo.folder.resolve('gzip.yml').toFile()
        def port = demo.sandbox.status().nodes().first().sshPort()
        inventory.text = demo.sandbox.inventory().toFile().text
            .replace('spool: spool', "spool: ${demo.home('pg1')}/spool")
            .replace("ssh: { port: $port }",
                "ssh: { port: $host.port, identity: $host.home/.ssh/id_ed25519, knownHosts: $host.home/.ssh/known_hosts }")
        demo.cli.environment.PGRUNBOOK_INVENTORY = inventory.path
        demo.execute('pg1', 'create table rows as select id from generate_series(1, 1000) id')

        when:
        def id = demo.backup()
        demo.execute('pg1', 'insert into rows values (1001)')
        demo.ship()
        def restored = demo.restore()

        then:
        demo.repository().resolve("backups/$id/data").toFile().list().every { it.endsWith('.tar.gz') }
        demo.repository().resolve('wal/00000001').toFile().list().findAll { it ==~ /[0-9A-F]{24}.*/ }.every { it.endsWith('.gz') }
        demo.repository().resolve("backups/$id/RESTORE.md").toFile().text.contains('gzip -d < "$archive" | tar')
        restored.exit == 0
        demo.ask('pg4', 'select count(*) from rows') == 1001
        demo.cli.run('run', 'backup/verify', 'demo').exit == 0
        new ManifestSchema().mistakes(demo.repository().resolve("backups/$id/manifest.json").toFile().text) == []
    }

    /** All programs of this machine but one. */
    private Path pathWithoutZstd() {
        def folder = Files.createDirectory(demo.folder.resolve('programs'))
        ['/usr/bin', '/bin'].each { bin ->
            new File(bin).listFiles().findAll { !it.name.contains('zstd') && Files.notExists(folder.resolve(it.name)) }.each {
                Files.createSymbolicLink(folder.resolve(it.name), it.toPath())
            }
        }
        folder
    }
}
