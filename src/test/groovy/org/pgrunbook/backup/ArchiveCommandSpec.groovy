package org.pgrunbook.backup

import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** The archive_command that archive/setup writes, carried out by a shell as the server does. */
class ArchiveCommandSpec extends Specification {
    static final NAME = '000000010000000000000001'
    static final SPOOL = "the spool's 100% own"

    @TempDir Path folder
    Path wal
    Path spool

    def setup() {
        wal = Files.createDirectory(folder.resolve('pg_wal'))
        spool = Files.createDirectory(folder.resolve(SPOOL))
    }

    def "P32: #name is left in the spool, whole and as it was"() {
        given:
        wal.resolve(name).toFile().text = 'content'

        expect:
        archive(name) == 0
        spool.toFile().list() == [name]
        spool.resolve(name).toFile().text == 'content'

        where:
        name << [NAME, '00000002.history', "${NAME}.00000028.backup".toString(), "${NAME}.partial".toString()]
    }

    def "P30: the same file once more is fine, another under its name is refused, and nothing is overwritten"() {
        given:
        wal.resolve(NAME).toFile().text = 'content'

        expect:
        archive(NAME) == 0
        archive(NAME) == 0

        when:
        wal.resolve(NAME).toFile().text = 'another'

        then:
        archive(NAME) == 1
        spool.resolve(NAME).toFile().text == 'content'
    }

    def "what a copy that was cut short has left is replaced, and never has the file's name"() {
        given:
        wal.resolve(NAME).toFile().text = 'content'
        spool.resolve('.' + NAME).toFile().text = 'cont and what was there before'

        expect:
        archive(NAME) == 0
        spool.toFile().list() == [NAME]
        spool.resolve(NAME).toFile().text == 'content'
    }

    def "P31: whatever goes wrong the status is 1, so that the archiver counts it: #what"() {
        given:
        wal.resolve(NAME).toFile().text = 'content'
        programs.each { name, body ->
            def file = Files.createDirectories(folder.resolve('bin')).resolve(name).toFile()
            file.text = "#!/bin/sh\n$body\n"
            file.executable = true
        }
        lost.each { folder.resolve(it).toFile().deleteDir() }

        expect:
        archive(NAME, path) == 1

        where:
        what                     | lost        | programs             | path
        'there is no spool'      | [SPOOL]     | [:]                  | ''
        'there is no such WAL'   | ['pg_wal']  | [:]                  | ''
        'programs are missing'   | []          | [:]                  | '/nowhere'
        'a program is killed'    | []          | [cp: 'kill -9 $$']   | ''
        'P34: the disk is full'  | []          | [sync: 'exit 1']     | ''
    }

    def "the README shows this very command"() {
        expect:
        new File(System.getProperty('pgrunbook.home'), 'README.md').text.contains(new ArchiveCommand('/var/spool/pg-wal').text())
    }

    /** As PostgreSQL puts the file's path and name into it. */
    private int archive(String name, String path = '') {
        def command = new ArchiveCommand(spool.toString()).text().replace('%%', '\0').replace('%p', "pg_wal/$name").replace('%f', name).replace('\0', '%')
        def builder = new ProcessBuilder('/bin/sh', '-c', command).directory(folder.toFile()).redirectErrorStream(true)
        builder.environment().PATH = path ?: "$folder/bin:${System.getenv('PATH')}".toString()
        def process = builder.start()
        process.inputStream.text
        assert process.waitFor(10, TimeUnit.SECONDS)
        process.exitValue()
    }
}
