package org.pgrunbook.sandbox

import com.jcraft.jsch.JSch
import com.jcraft.jsch.Session
import java.nio.file.Files
import java.nio.file.Path
import java.sql.Connection
import java.sql.DriverManager

/** Who uses a sandbox with what its folder holds, as any client would. */
class Visitor {
    final Path root
    final SandboxStatus status

    Visitor(Path root, SandboxStatus status) {
        this.root = root
        this.status = status
    }

    SandboxStatus.Node node(String name) {
        status.nodes().find { it.name() == name }
    }

    /** The exit status and the output of a command over SSH. */
    Tuple2<Integer, byte[]> ssh(String node, String command, byte[] input = new byte[0]) {
        def session = session(node)
        try {
            def channel = session.openChannel('exec')
            channel.command = command
            channel.inputStream = new ByteArrayInputStream(input)
            def output = channel.inputStream
            channel.connect(5_000)
            def bytes = output.readAllBytes()
            while (!channel.closed) {
                Thread.onSpinWait()
            }
            new Tuple2(channel.exitStatus, bytes)
        } finally {
            session.disconnect()
        }
    }

    /** What a command says; it must succeed. */
    String told(String node, String command) {
        def (status, output) = ssh(node, command)
        assert status == 0
        new String(output as byte[]).strip()
    }

    Session session(String node) {
        def client = new JSch()
        client.addIdentity("$root/ssh/id_ed25519")
        client.setKnownHosts("$root/ssh/known_hosts")
        def session = client.getSession('postgres', '127.0.0.1', this.node(node).sshPort())
        session.setConfig('StrictHostKeyChecking', 'yes')
        session.connect(5_000)
        session
    }

    Object sql(String node, String statement) {
        connection(node).withCloseable { connection ->
            connection.createStatement().withCloseable {
                if (it.execute(statement)) {
                    it.resultSet.next()
                    it.resultSet.getObject(1)
                }
            }
        }
    }

    Connection connection(String node) {
        def password = Files.readString(root.resolve('secrets/sql-password'))
        DriverManager.getConnection("jdbc:postgresql://127.0.0.1:${this.node(node).sqlPort()}/postgres", 'postgres', password)
    }
}
