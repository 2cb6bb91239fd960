package org.pgrunbook.ssh

import java.nio.file.Files
import java.nio.file.Path
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
}
