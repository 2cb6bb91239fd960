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
}
