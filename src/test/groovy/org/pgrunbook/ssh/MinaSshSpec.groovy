package org.pgrunbook.ssh

import java.nio.file.Path
import org.pgrunbook.fixtures.SshHost

class MinaSshSpec extends SshContract {

    @Override
    SshHost start(Path folder) {
        SshHost.mina(folder)
    }
}
