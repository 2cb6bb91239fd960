package org.pgrunbook.ssh

import java.nio.file.Path
import java.security.DigestInputStream
import java.security.MessageDigest
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.Recorder
import org.pgrunbook.fixtures.SshHost
import org.pgrunbook.journal.Event
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.TempDir
import spock.lang.Timeout
import spock.util.concurrent.PollingConditions

/** What holds over every SSH server. */
@Timeout(60)
abstract class SshContract extends Specification {
    static final long MIB = 1 << 20

    @Shared
    @TempDir
    Path shared

    @TempDir
    Path folder

    @Shared
    @AutoCleanup
    SshHost host

    def recorder = new Recorder()

    @AutoCleanup
    Ssh ssh

    def eventually = new PollingConditions(timeout: 45)

    abstract SshHost start(Path folder)

    def setupSpec() {
        host = start(shared)
    }

    def setup() {
        ssh = open()
    }

    Ssh open(Map<String, Object> settings = [:]) {
        new Ssh('orders/pg1', host.settings(settings), recorder.run, new Home(host.home, Optional.empty()))
    }

    static boolean lives(String pid) {
        def stat = new File("/proc/${pid.strip()}/stat")
        stat.exists() && !(stat.text =~ /\) Z /)
    }

    def "a command's output, stderr and exit status come back"() {
        when:
        def output = ssh.run(Command.probeScript('echo out; echo err >&2; exit 3').accept(0, 3))

        then:
        output.text() == 'out'
        output.stderr() == 'err'
        output.exit() == 3
    }

    def "arguments arrive as they were given"() {
        expect:
        ssh.read('printf', '%s|', 'a b', "it's", '$HOME', '', '*', 'line\nfeed').text() == 'a b|it\'s|$HOME||*|line\nfeed|'
    }

    def "a script gets its arguments, and stdin stays free"() {
        expect:
        ssh.run(Command.probeScript('echo "$1-$2"; cat', 'a b', 'c').stdin('input')).text() == 'a b-c\ninput'
    }

    def "a failure names the command, its exit status, the end of stderr and the node"() {
        when:
        ssh.read('sh', '-c', 'for i in 1 2 3 4 5 6 7; do echo line $i >&2; done; exit 4')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact().contains('for i in 1 2')
        problem.fact().contains('ended with exit status 4: line 3\nline 4\nline 5\nline 6\nline 7')
        problem.where().get() == 'orders/pg1'
    }

    def "a silent failure says that there was nothing on stderr"() {
        when:
        ssh.read('false')

        then:
        def problem = thrown(Problem)
        problem.fact() == '"false" ended with exit status 1: nothing on stderr'
    }

    def "a command that is not there has a hint"() {
        when:
        ssh.read('no-such-command')

        then:
        def problem = thrown(Problem)
        problem.fact().contains('exit status 127')
        problem.hints() == ['Is it installed on the host, and in the PATH of the SSH user?']
    }

    def "a command ended by a signal fails"() {
        when:
        ssh.run('sh', '-c', 'kill -9 $$')

        then:
        def problem = thrown(Problem)
        problem.fact().contains('exit status 137')
    }

    def "64 MiB come back to the byte"() {
        given:
        def digest = MessageDigest.getInstance('SHA-256')
        def expected = ssh.run(Command.changeScript('head -c 67108864 /dev/urandom > "$1"; sha256sum < "$1"', "$folder/data")).text()

        when:
        def bytes = ssh.stream(Command.probe('cat', "$folder/data")) { remote ->
            new DigestInputStream(remote.stdout(), digest).transferTo(OutputStream.nullOutputStream())
        }

        then:
        bytes == 64 * MIB
        expected.startsWith(digest.digest().encodeHex().toString())
        recorder.ended.last().result() == [bytes: 64 * MIB, exit: 0]
    }

    def "64 MiB go out to the byte"() {
        given:
        def digest = MessageDigest.getInstance('SHA-256')
        def random = new Random(1)
        def chunk = new byte[65_536]

        when:
        def sum = ssh.stream(Command.probe('sha256sum')) { remote ->
            remote.stdin().withCloseable { to ->
                1024.times {
                    random.nextBytes(chunk)
                    digest.update(chunk)
                    to.write(chunk)
                }
            }
            new String(remote.stdout().readAllBytes())
        }

        then:
        sum.startsWith(digest.digest().encodeHex().toString())
    }

    def "every byte value passes through stdin and stdout unchanged"() {
        given:
        def all = (0..255).collect { it as byte } as byte[]

        expect:
        ssh.run(Command.probe('cat').stdin(all)).bytes() == all
    }

    def "a flood on stderr does not block the command"() {
        when:
        def output = ssh.read('sh', '-c', 'head -c 20000000 /dev/zero | tr "\\0" "x" >&2; echo done')

        then:
        output.text() == 'done'
        output.stderr().length() <= 32 << 10
    }

    def "an output that is too large is refused, not held in memory"() {
        when:
        ssh.read('cat', '/dev/zero')

        then:
        def problem = thrown(Problem)
        problem.fact() == 'the command wrote more than 16 MB'
        problem.state().get() == 'its processes on the host were ended'
    }

    def "half an output is never taken for the whole"() {
        when:
        ssh.stream(Command.probeScript('echo half; exit 2')) { remote ->
            remote.stdout().readAllBytes()
            throw new AssertionError('the end of the stream was told')
        }

        then:
        def problem = thrown(Problem)
        problem.fact().contains('exit status 2')
    }

    def "a command that reads no more fails the body that writes, and its own reason is told"() {
        when:
        ssh.stream(Command.probeScript('echo "disk full" >&2; head -c 9000000 >/dev/null; exit 5')) { remote ->
            def chunk = new byte[65_536]
            while (true) {
                remote.stdin().write(chunk)
            }
        }

        then:
        def problem = thrown(Problem)
        problem.fact().contains('exit status 5: disk full')
    }

    def "a body that fails ends the command"() {
        given:
        def pid = "$folder/pid"

        when:
        ssh.stream(Command.changeScript('echo $$ > "$1"; cat /dev/zero', pid)) { remote ->
            remote.stdout().readNBytes(1000)
            throw Problem.failed('the bucket is full')
        }

        then:
        def problem = thrown(Problem)
        problem.fact() == 'the bucket is full'
        problem.state().get() == 'its processes on the host were ended'
        !lives(new File(pid).text)
    }

    def "a body that has had enough may close the stream"() {
        when:
        def bytes = ssh.stream(Command.probe('cat', '/dev/zero')) { remote ->
            remote.withCloseable { it.stdout().readNBytes(1000).length }
        }

        then:
        bytes == 1000
    }

    def "a timeout ends all processes of the command"() {
        given:
        def pids = "$folder/pids"

        when:
        ssh.run(Command.changeScript('sleep 1000 & echo $! > "$1"; sleep 1001 & echo $! >> "$1"; echo working >&2; wait', pids)
            .timeout(Duration.ofSeconds(1)))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact().endsWith('did not end within 1.0 s')
        problem.hints() == ['It said last: working']
        problem.state().get() == 'its processes on the host were ended'
        new File(pids).readLines().size() == 2
        new File(pids).readLines().every { !lives(it) }
        recorder.ended.last().outcome() == Event.Outcome.FAILED
    }

    def "a command that ignores TERM is killed"() {
        given:
        def pid = "$folder/pid"

        when:
        ssh.run(Command.changeScript('trap "" TERM; echo $$ > "$1"; while :; do sleep 0.1; done', pid).timeout(Duration.ofSeconds(1)))

        then:
        def problem = thrown(Problem)
        problem.state().get() == 'its processes on the host were ended'
        !lives(new File(pid).text)
    }

    def "a stream in which nothing moves is dead"() {
        when:
        ssh.stream(Command.probe('sleep', '1000').idle(Duration.ofMillis(500))) { it.stdout().readAllBytes() }

        then:
        def problem = thrown(Problem)
        problem.fact() == '"sleep 1000" moved no data for 500 ms'
    }

    def "an interrupt ends all processes of the command while it #what"() {
        given:
        def pid = "$folder/pid"
        Problem problem = null
        def stayedInterrupted = false
        def thread = Thread.startVirtualThread {
            try {
                ssh.stream(Command.changeScript('echo $$ > "$1"; ' + script, pid), body)
            } catch (Problem e) {
                problem = e
                stayedInterrupted = Thread.currentThread().interrupted
            }
        }
        eventually.eventually {
            assert new File(pid).exists() && new File(pid).text.endsWith('\n')
        }

        when:
        thread.interrupt()
        thread.join()

        then:
        problem.exit() == Exit.INTERRUPTED
        problem.state().get() == 'its processes on the host were ended'
        stayedInterrupted
        !lives(new File(pid).text)

        where:
        what                  | script       | body
        'is silent'           | 'sleep 1000' | { it.stdout().readAllBytes() } as Ssh.Streaming
        'does not read stdin' | 'sleep 1000' | { while (true) it.stdin().write(new byte[1 << 20]) } as Ssh.Streaming
        'is waited for'       | 'sleep 1000' | { it.waitFor() } as Ssh.Streaming
    }

    def "20 commands run at once"() {
        given:
        def threads = Executors.newVirtualThreadPerTaskExecutor()

        when:
        def texts = threads.withCloseable {
            it.invokeAll((1..20).collect { n -> ({ ssh.read('sh', '-c', "sleep 0.5; echo $n").text() } as Callable) })*.get()
        }

        then:
        texts == (1..20)*.toString()
    }

    def "a slow reader of a stream holds up nobody else"() {
        expect:
        ssh.stream(Command.probe('cat', '/dev/zero')) { remote ->
            remote.stdout().read()
            def text = ssh.read('echo', 'passed').text()
            remote.close()
            text
        } == 'passed'
    }

    def "a tunnel leads to a port as the host sees it"() {
        given:
        def server = new ServerSocket(0, 1, InetAddress.loopbackAddress)
        def greeter = Thread.startVirtualThread {
            server.accept().withCloseable { it.outputStream << 'hello' }
        }

        when:
        def port = ssh.forward('127.0.0.1', server.localPort)

        then:
        port != server.localPort
        new Socket('127.0.0.1', port).withCloseable { it.inputStream.text } == 'hello'
        ssh.forward('127.0.0.1', server.localPort) == port

        cleanup:
        server?.close()
        greeter?.join()
    }

    def "the journal shows the user's command, a probe or a change, never the wrapper"() {
        when:
        ssh.read('echo', 'a b')
        ssh.run('true')
        ssh.run(Command.changeScript('test "$1"\n', "it's"))

        then:
        recorder.operations.collect { [it.node(), it.text(), it.change()] } == [
            ['orders/pg1', "echo 'a b'", false],
            ['orders/pg1', 'true', true],
            ['orders/pg1', "set -- 'it'\\''s'\ntest \"\$1\"", true],
        ]
        recorder.ended*.result().every { it.exit == 0 }
    }

    def "a secret on stdin is journalled nowhere, even if the command repeats it"() {
        when:
        ssh.run(Command.probeScript('cat >&2; exit 1').secretStdin('open sesame\n'))

        then:
        def problem = thrown(Problem)
        problem.fact().endsWith('[secret]')
        !recorder.entries.toString().contains('sesame')
    }

    def "sudo is used where the inventory says so"() {
        expect:
        Command.change('systemctl', 'stop', 'pg').sudo().on(sudo).text() == text

        where:
        sudo  || text
        true  || 'sudo -n systemctl stop pg'
        false || 'systemctl stop pg'
    }

    def "a dropped connection is reported, and the next command connects anew"() {
        given:
        def pid = "$folder/pid"

        when:
        ssh.stream(Command.changeScript('echo $$ > "$1"; exec sleep 1000', pid)) { remote ->
            eventually.eventually {
                assert new File(pid).exists() && new File(pid).text.endsWith('\n')
            }
            host.drop()
            remote.waitFor()
        }

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNKNOWN_STATE
        problem.fact().startsWith('connection was lost while "')
        problem.state().get() == 'it may still be running on the host'

        when:
        def text = ssh.read('echo', 'again').text()

        then:
        text == 'again'

        cleanup:
        ['kill', new File(pid).text.strip()].execute().waitFor()
    }
}
