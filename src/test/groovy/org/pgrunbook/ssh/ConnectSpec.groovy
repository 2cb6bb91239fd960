package org.pgrunbook.ssh

import java.nio.file.Path
import java.time.Duration
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.Recorder
import org.pgrunbook.fixtures.SshHost
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Specification
import spock.lang.TempDir
import spock.lang.Timeout

@Timeout(60)
class ConnectSpec extends Specification {

    @TempDir
    Path folder

    @AutoCleanup
    SshHost host

    @AutoCleanup
    Ssh ssh

    def setup() {
        host = SshHost.mina(folder)
    }

    String echo(Map<String, Object> settings = [:], Path agent = null) {
        ssh = new Ssh('orders/pg1', host.settings(settings), new Recorder().run, new Home(host.home, Optional.ofNullable(agent)))
        ssh.read('echo', 'in').text()
    }

    String echo(Path agent) {
        echo([:], agent)
    }

    File dotSsh(String name) {
        host.home.resolve('.ssh').resolve(name).toFile()
    }

    def "an unknown host key is refused, with its fingerprint and the command that adds it"() {
        given:
        host.trust('')

        when:
        echo()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact() ==~ /host key of "127.0.0.1:\d+" is not known: it shows ssh-ed25519 SHA256:[\w+\/]{43}/
        problem.hints().last() == "If they are the same: ssh-keyscan -p $host.port 127.0.0.1 >> ${dotSsh('known_hosts')}".toString()
        problem.where().get() == 'orders/pg1'
        dotSsh('known_hosts').text == ''
    }

    def "a changed host key is refused with both fingerprints, wherever the host is also known"() {
        given:
        SshHost.generateKey(folder.resolve('other'))
        host.trust(host.hostKeyLine(folder.resolve('other.pub')))

        when:
        echo()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact() ==~ /host key of .* has changed: it shows ssh-ed25519 SHA256:\S+, known is SHA256:\S+/
        problem.hints().last().contains("ssh-keygen -f ${dotSsh('known_hosts')} -R '[127.0.0.1]:$host.port' && ssh-keyscan")
    }

    @Requires(value = { new File('/usr/bin/ssh-keygen').exists() }, reason = 'there is no ssh-keygen')
    def "hashed known hosts are understood"() {
        given:
        assert ['ssh-keygen', '-q', '-H', '-f', dotSsh('known_hosts').path].execute().waitFor() == 0
        assert dotSsh('known_hosts').text.startsWith('|1|')

        expect:
        echo() == 'in'
    }

    def "known hosts may be in a file of the inventory's choice"() {
        given:
        def file = folder.resolve('hosts')
        file.toFile().text = host.hostKeyLine()
        host.trust('')

        expect:
        echo(knownHosts: file) == 'in'
    }

    def "a key that the host does not take is told, with what was tried and how to try by hand"() {
        given:
        SshHost.generateKey(folder.resolve('wrong'))

        when:
        echo(identity: folder.resolve('wrong'))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact() == "host \"127.0.0.1:$host.port\" does not let user \"${System.getProperty('user.name')}\" in"
        problem.hints() == [
            "Tried were the keys: $folder/wrong.",
            "Does it work by hand: ssh -p $host.port ${System.getProperty('user.name')}@127.0.0.1 true?",
        ]*.toString()
    }

    def "an encrypted key that no agent holds is told"() {
        given:
        SshHost.generateKey(dotSsh('id_ed25519').toPath(), 'a passphrase')

        when:
        echo()

        then:
        def problem = thrown(Problem)
        problem.hints()[0] == 'No key was found to try: neither in an agent nor in ~/.ssh.'
        problem.hints()[1] == "The key \"${dotSsh('id_ed25519')}\" is encrypted and no agent holds it: ssh-add ${dotSsh('id_ed25519')}."
    }

    @Requires(value = { new File('/usr/bin/ssh-agent').exists() }, reason = 'there is no ssh-agent')
    def "a key of the agent is taken, also where no file has it"() {
        given:
        def socket = folder.resolve('agent')
        def agent = new ProcessBuilder('ssh-agent', '-D', '-a', socket.toString()).redirectErrorStream(true).start()
        agent.inputStream.read()
        def add = new ProcessBuilder('ssh-add', '-q', dotSsh('id_ed25519').path)
        add.environment().SSH_AUTH_SOCK = socket.toString()
        assert add.start().waitFor() == 0
        assert dotSsh('id_ed25519').delete()

        expect:
        echo(socket) == 'in'

        cleanup:
        agent?.destroy()
    }

    def "an agent that is gone is no reason not to try the files"() {
        expect:
        echo(folder.resolve('nothing')) == 'in'
    }

    def "a port where nobody listens is told as refused"() {
        when:
        echo(port: new ServerSocket(0).withCloseable { it.localPort })

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact() ==~ /host "127.0.0.1:\d+" refuses connections/
    }

    def "a host that takes the connection and never speaks is given up in time"() {
        given:
        def hole = new ServerSocket(0, 10, InetAddress.loopbackAddress)
        dotSsh('config').text = 'Host 127.0.0.1\n  ConnectTimeout 1\n'
        def start = System.nanoTime()

        when:
        echo(port: hole.localPort)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact() == "host \"127.0.0.1:$hole.localPort\" does not answer within 1.0 s"
        Duration.ofNanos(System.nanoTime() - start) < Duration.ofSeconds(5)

        cleanup:
        hole?.close()
    }

    def "connecting can be interrupted"() {
        given:
        def hole = new ServerSocket(0, 10, InetAddress.loopbackAddress)
        Problem problem = null
        def thread = Thread.startVirtualThread {
            try {
                echo(port: hole.localPort)
            } catch (Problem e) {
                problem = e
            }
        }
        hole.accept()

        when:
        thread.interrupt()
        thread.join()

        then:
        problem.exit() == Exit.INTERRUPTED

        cleanup:
        hole?.close()
    }

    def "a name that cannot be resolved is told"() {
        when:
        echo(host: 'no-such-host.invalid')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact() == 'host name "no-such-host.invalid" cannot be resolved'
    }

    def "~/.ssh/config says where a host is, and the inventory wins over it"() {
        given:
        assert dotSsh('id_ed25519').renameTo(dotSsh('pg_key'))
        assert dotSsh('known_hosts').renameTo(dotSsh('pg_hosts'))
        dotSsh('config').text = """\
            Host pg1
              HostName 127.0.0.1
              Port $configured
              User somebody
              IdentityFile ~/.ssh/pg_key
              UserKnownHostsFile ~/.ssh/pg_hosts
            """.stripIndent().replace('PORT', "$host.port")

        expect:
        echo(settings + [host: 'pg1', user: null, port: settings.port ? host.port : null]) == 'in'

        where:
        configured | settings
        'PORT'     | [:]
        1          | [port: true]
    }

    def "a host is reached through another, and its key is checked under its own name"() {
        given:
        host.trust(host.hostKeyLine() + host.hostKeyLine().replace('127.0.0.1', 'localhost'))

        expect:
        echo(host: 'localhost', proxyJump: "127.0.0.1:$host.port") == 'in'
    }

    def "a host behind another whose key is not known is refused"() {
        when:
        echo(host: 'localhost', proxyJump: "127.0.0.1:$host.port")

        then:
        def problem = thrown(Problem)
        problem.fact().startsWith("host key of \"localhost:$host.port\" is not known")
    }
}
