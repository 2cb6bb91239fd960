package org.pgrunbook.sandbox

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.time.Duration
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.Time
import spock.lang.Specification
import spock.lang.TempDir
import spock.util.concurrent.PollingConditions

/** Whatever happens to a sandbox, down leaves nothing of it. */
class SandboxDownSpec extends Specification {

    @TempDir
    Path folder

    Path root
    Sandbox sandbox
    Set<String> before

    def setup() {
        before = segments().keySet()
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString('rwx--x--x'))
        root = folder.toRealPath().resolve('sandbox')
        sandbox = new Sandbox(root)
    }

    def cleanup() {
        sandbox.down()
    }

    def "PostgreSQL #major comes up, and down leaves no process, port, file or shared memory"() {
        when:
        sandbox.up(major)
        def status = sandbox.status()
        def visitor = new Visitor(root, status)

        then:
        status.postgres() == major
        visitor.sql('pg1', 'SHOW server_version').startsWith("$major.")

        when:
        // Neither its folder nor its parents tell that this one is ours.
        visitor.ssh('pg2', 'cd / && setsid sleep 987654 >/dev/null 2>&1 &')
        def pids = pids()
        def ports = status.nodes().collectMany { [it.sshPort(), it.sqlPort()] }

        then:
        sandbox.down()
        leavesNothing(pids)
        ports.every { !isOpen(it) }

        where:
        major << Binaries.MAJORS
    }

    def "a killed server leaves no process, and its host goes on"() {
        given:
        sandbox.up(17)
        def visitor = new Visitor(root, sandbox.status())
        def pids = pids()

        when:
        sandbox.kill('pg1')

        then:
        sandbox.status().nodes()*.postmaster()*.present == [false, true, true, false]
        running().every { !it.isPostgres() || !it.isIn(root.resolve('hosts/pg1/data')) }
        visitor.told('pg1', 'ls data/postmaster.pid') == 'data/postmaster.pid'

        and:
        // What the server left behind goes too.
        sandbox.down()
        leavesNothing(pids)
    }

    def "a node that does not exist is not killed"() {
        given:
        sandbox.up(17)

        when:
        sandbox.kill('pg5')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == 'the sandbox has no node "pg5"'
    }

    def "after kill -9 of the daemon up says what to do, and down leaves nothing"() {
        given:
        sandbox.up(17)
        def pids = pids()
        running().find { it.folder() == root }.handle().destroyForcibly()
        new PollingConditions(timeout: 60).eventually {
            assert !sandbox.status().serving()
        }

        when:
        sandbox.up(17)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        problem.hints() == ['Run "pgrunbook sandbox down" first.']

        and:
        sandbox.down()
        leavesNothing(pids)
    }

    def "after kill -9 of up #millis ms after it began down leaves nothing"() {
        given:
        def up = bringUp()
        new PollingConditions(timeout: 60, delay: 0.005).eventually {
            assert Files.exists(root.resolve('sandbox.json'))
        }

        when:
        Time.system().sleep(Duration.ofMillis(millis))
        up.destroyForcibly().waitFor()
        def pids = pids()

        then:
        sandbox.down()
        leavesNothing(pids)

        where:
        millis << [0, 150, 500, 1000, 1600]
    }

    def "while up is at work a second up and a down are refused"() {
        given:
        def up = bringUp()
        new PollingConditions(timeout: 60, delay: 0.005).eventually {
            assert Files.exists(root.resolve('hosts'))
        }

        when:
        sandbox."$act"(*arguments)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        problem.fact().contains(fact)

        and:
        // The first goes on.
        up.waitFor() == 0
        sandbox.status().serving()

        where:
        act    | arguments || fact
        'up'   | [17]      || 'another command is bringing up'
        'down' | []        || 'is just being brought up'
    }

    def "an up that fails takes everything down again"() {
        when:
        sandbox.up(9)

        then:
        thrown(Problem)
        Files.notExists(root)
    }

    private Process bringUp() {
        new ProcessBuilder(ProcessHandle.current().info().command().get(), '-XX:TieredStopAtLevel=1',
            "-Dpgrunbook.home=${System.getProperty('pgrunbook.home')}",
            '-cp', System.getProperty('java.class.path'), BringUp.name, root.toString(), '17').inheritIO().start()
    }

    private List<SandboxProcesses.Running> running() {
        new SandboxProcesses(root, Time.system()).running()
    }

    private Set<String> pids() {
        running().collect { it.handle().pid() as String }.toSet()
    }

    private boolean leavesNothing(Set<String> pids) {
        assert Files.notExists(root)
        assert running().empty
        // Others may have left some, and a process of theirs may have had a number that one of ours has now.
        assert segments().findAll { id, creator -> creator in pids && !(id in before) } == [:]
        true
    }

    /** The machine's segments of shared memory, and who made each. */
    private static Map<String, String> segments() {
        // Its columns: key shmid perms size cpid …
        Files.readAllLines(Path.of('/proc/sysvipc/shm')).drop(1)*.strip()*.split(/\s+/).collectEntries { [(it[1]): it[4]] }
    }

    private static boolean isOpen(int port) {
        try {
            new Socket('127.0.0.1', port).close()
            true
        } catch (ConnectException ignored) {
            false
        }
    }
}
