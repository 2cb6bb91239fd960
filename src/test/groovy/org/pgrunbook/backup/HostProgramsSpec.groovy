package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.ManifestSchema
import org.pgrunbook.fixtures.SshHost
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture

/** A backup by what programs a host has, and by how slow they are while the server goes on writing. */
class HostProgramsSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(17)
    @Shared Path programs = withoutZstd()
    @Shared @AutoCleanup SshHost host = SshHost.mina(Files.createDirectory(demo.folder.resolve('ssh')), "export PATH=$programs; ")

    def setupSpec() {
        def inventory = demo.folder.resolve('gzip.yml').toFile()
        def port = demo.sandbox.status().nodes().first().sshPort()
        inventory.text = demo.sandbox.inventory().toFile().text
            .replace('spool: spool', "spool: ${demo.home('pg1')}/spool")
            .replace("ssh: { port: $port }",
                "ssh: { port: $host.port, identity: $host.home/.ssh/id_ed25519, knownHosts: $host.home/.ssh/known_hosts }")
        demo.cli.environment.PGRUNBOOK_INVENTORY = inventory.path
        demo.execute('pg1', "create table rows as select id, repeat('x', 100) as filler from generate_series(1, 1000) id")
    }

    def cleanup() {
        demo.clear()
    }

    def "a host without zstd packs with gzip, and that is restored where there is both"() {
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

    def "P11: a page that was torn while it was copied is no damage, because the WAL of the backup writes it anew"() {
        given: "a host whose tar waits, so that there is time to change a page that the backup has still to read"
        def hold = demo.folder.resolve('hold').toFile()
        def waits = demo.folder.resolve('waits').toFile()
        slowTar(hold, waits)
        hold.createNewFile()
        demo.execute('pg1', 'checkpoint')
        def file = demo.ask('pg1', "select pg_relation_filepath('rows')") as String

        when: "the server has changed the page, and half of it is on the disk"
        def backup = CompletableFuture.supplyAsync { demo.cli.run('run', 'backup/base-backup', 'demo', '-p', 'checks=inline') }
        demo.eventually { waits.exists() }
        demo.execute('pg1', "delete from rows where ctid = '(3,1)'")
        new RandomAccessFile(demo.home('pg1').resolve("data/$file").toFile(), 'rw').withCloseable {
            it.seek(3 * 8192 + 5000)
            it.writeInt(0x7071726e)
        }
        hold.delete()

        then: "who looks at it on its way suspects it, and acquits it by the WAL"
        backup.get().exit == 0
        def id = demo.backups().last()
        Json.object(demo.repository().resolve("backups/$id/manifest.json").toFile().text).pages.damaged == []

        and: "the backup has the torn page"
        demo.repository().resolve("backups/$id/data").toFile().listFiles().any { archive ->
            ['tar', '-xzOf', "$archive", file].execute().inputStream.getText('ISO-8859-1').contains('pqrn')
        }

        and: "and is sound"
        def verified = demo.cli.run('run', 'backup/verify', 'demo', '-p', "backup=$id")
        verified.exit == 0
        verified.out.contains("finding: $id is sound")

        and: "as its restore is"
        demo.restore("backup=$id").exit == 0
        demo.ask('pg4', 'select count(filler) from rows') == demo.ask('pg1', 'select count(filler) from rows')
    }

    /** All programs of this machine but one. */
    private Path withoutZstd() {
        def folder = Files.createDirectory(demo.folder.resolve('programs'))
        ['/usr/bin', '/bin'].each { bin ->
            new File(bin).listFiles().findAll { !it.name.contains('zstd') && Files.notExists(folder.resolve(it.name)) }.each {
                Files.createSymbolicLink(folder.resolve(it.name), it.toPath())
            }
        }
        folder
    }

    /** A tar that says that it waits, for as long as a file is there. */
    private void slowTar(File hold, File waits) {
        def tar = programs.resolve('tar')
        def real = tar.toRealPath()
        Files.delete(tar)
        tar.toFile().text = """\
            #!/bin/sh
            while [ -e '$hold' ]; do
                touch '$waits'
                sleep 0.05
            done
            exec $real "\$@"
            """.stripIndent()
        tar.toFile().executable = true
    }
}
