package org.pgrunbook.sandbox

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import org.pgrunbook.Problem
import spock.lang.Isolated
import spock.lang.Specification
import spock.lang.TempDir
import spock.util.environment.RestoreSystemProperties

@Isolated // it changes the properties of the JVM
class BinariesSpec extends Specification {

    @TempDir
    Path temporary

    def "the programs of PostgreSQL #major run as somebody who is not root"() {
        given:
        def binaries = Binaries.of(major)
        def user = UnprivilegedUser.find()

        expect:
        output(user.command([binaries.program(program), '--version'])).contains("(PostgreSQL) $major.")
        output(user.command(['id', '-u'])).strip() != '0'

        where:
        [major, program] << [Binaries.MAJORS, ['postgres', 'initdb', 'pg_ctl']].combinations()
    }

    def "a library keeps its symbolic links and a program its mode"() {
        given:
        def folder = Binaries.of(18).folder()

        expect:
        Files.isSymbolicLink(folder.resolve('lib/libpq.so'))
        Files.isExecutable(folder.resolve('bin/postgres'))
        !Files.isExecutable(folder.resolve('share/postgresql/postgresql.conf.sample'))
    }

    @RestoreSystemProperties
    def "several who unpack at the same time get the same folder, and leave nothing beside it"() {
        given:
        System.setProperty('java.io.tmpdir', temporary.toString())

        when:
        def pool = Executors.newFixedThreadPool(3)
        def folders = pool.invokeAll((1..3).collect { { -> Binaries.of(15).folder() } as Callable })*.get()
        pool.close()

        then:
        folders.toSet().size() == 1
        Files.list(folders.first().parent).withCloseable { it.toList() } == [folders.first()]
    }

    def "a version that was not built in is said to be missing"() {
        when:
        Binaries.of(9)

        then:
        def problem = thrown(Problem)
        problem.fact().startsWith('no servers of PostgreSQL 9')
        problem.hints().first() == 'Use one of [15, 16, 17, 18].'
    }

    private static String output(List<String> command) {
        new ProcessBuilder(command).redirectErrorStream(true).start().text
    }
}
