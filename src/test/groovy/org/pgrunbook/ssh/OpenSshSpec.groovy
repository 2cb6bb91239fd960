package org.pgrunbook.ssh

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.SshHost
import spock.lang.Requires

@Requires(value = { Files.exists(SshHost.SSHD) }, reason = 'there is no /usr/sbin/sshd')
class OpenSshSpec extends SshContract {

    @Override
    SshHost start(Path folder) {
        SshHost.openssh(folder)
    }

    @Requires(value = { new File('/usr/bin/ssh-keygen').exists() }, reason = 'there is no ssh-keygen')
    def "an RSA key of #bits bits lets us in, with the signatures that servers of today take"() {
        given:
        def key = folder.resolve('id_rsa')
        assert ['ssh-keygen', '-q', '-t', 'rsa', '-b', bits, '-m', format, '-N', '', '-f', key]*.toString().execute().waitFor() == 0
        host.authorize(Path.of("${key}.pub"))

        expect:
        open(identity: key).withCloseable { it.read('echo', 'in').text() } == 'in'

        where:
        bits | format
        2048 | 'PEM'
        3072 | 'RFC4716'
    }

    def "a host that falls silent is given up when the command's time is over, and what it still does is not known"() {
        given:
        def begun = folder.resolve('begun').toFile()
        Problem problem = null
        def waiting = Thread.start {
            try {
                ssh.run(Command.changeScript('touch "$1"; sleep 1000', begun.path).timeout(Duration.ofSeconds(5)))
            } catch (Problem e) {
                problem = e
            }
        }
        eventually.eventually { assert begun.exists() }

        when:
        host.freeze()
        waiting.join(60_000)

        then:
        problem.fact().endsWith('did not end within 5.0 s')
        problem.state().get() == 'its processes may still be running on the host'

        cleanup:
        host.drop()
    }
}
