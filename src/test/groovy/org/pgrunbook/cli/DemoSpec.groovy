package org.pgrunbook.cli

import org.pgrunbook.fixtures.Cli
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.TimeUnit

/** The demo as a newcomer meets it: one command, a process of its own. */
class DemoSpec extends Specification {
    Path folder = Files.createTempDirectory('pgrunbook-demo-')
    Path state = folder.resolve('state')

    def setup() {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString('rwxr-xr-x'))
    }

    def cleanup() {
        new Cli(state).run('sandbox', 'down')
        folder.toFile().deleteDir()
    }

    def "the demo ends with what it proved, and leaves nothing"() {
        when:
        def demo = start()
        def out = demo.inputReader().readLines()

        then:
        demo.waitFor(90, TimeUnit.SECONDS)
        demo.exitValue() == 0
        out.find { it =~ /^rows restored .*: [1-9]\d*$/ }
        out.find { it =~ /^rows lost in the failover .*: \d+$/ }
        out.find { it =~ /^seconds without writes: \d+\.\d$/ }
        leftovers() == []
    }

    def "killed with -9 at '#moment', it leaves nothing that sandbox down does not remove"() {
        given:
        def demo = start()
        def out = demo.inputReader()
        def line = out.readLine()
        while (line != null && !line.contains(moment)) {
            line = out.readLine()
        }
        assert line != null

        when:
        demo.destroyForcibly().waitFor()
        def down = new Cli(state).run('sandbox', 'down')

        then:
        down.exit == 0
        leftovers() == []
        !Files.exists(state.resolve('sandbox'))

        where:
        moment << ['From now on a client inserts', 'unpack the files', 'replication/failover demo  run']
    }

    /** Processes that carry the mark of this demo's sandbox. */
    private List<String> leftovers() {
        def mark = "PGRUNBOOK_SANDBOX=${state.resolve('sandbox')}".toString()
        new File('/proc').listFiles().findAll { it.name.isNumber() }.findAll { process ->
            try {
                new String(Files.readAllBytes(process.toPath().resolve('environ'))).contains(mark)
            } catch (IOException ignored) {
                false // it has ended meanwhile
            }
        }*.name
    }

    private Process start() {
        def builder = new ProcessBuilder(ProcessHandle.current().info().command().get(),
            '--enable-native-access=ALL-UNNAMED', "-Dpgrunbook.home=${System.getProperty('pgrunbook.home')}",
            '-cp', System.getProperty('java.class.path'), Main.name, 'demo')
        builder.environment().PGRUNBOOK_STATE = state.toString()
        builder.directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    }
}
