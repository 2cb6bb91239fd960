package org.pgrunbook.sandbox

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.Time
import org.pgrunbook.inventory.NodeSpec.Role
import org.yaml.snakeyaml.Yaml
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.core.sync.RequestBody
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.s3.S3Client
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.TempDir
import spock.util.concurrent.PollingConditions

class SandboxSpec extends Specification {

    @Shared @TempDir
    Path folder

    @Shared Sandbox sandbox
    @Shared Visitor visitor

    def setupSpec() {
        // A temporary folder is closed; as root the servers run as somebody else.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString('rwx--x--x'))
        sandbox = new Sandbox(folder.resolve('sandbox'))
        sandbox.up(17)
        visitor = new Visitor(folder.resolve('sandbox'), sandbox.status())
    }

    def cleanupSpec() {
        sandbox?.down()
    }

    def "up gives a primary that takes writes and two standbys that stream"() {
        expect:
        visitor.sql('pg1', 'CREATE TABLE t AS SELECT 1 AS one') == null
        visitor.sql('pg1', "SELECT string_agg(application_name, ' ' ORDER BY 1) FROM pg_stat_replication WHERE state = 'streaming'") == 'pg2 pg3'
        visitor.sql('pg1', 'SELECT count(*) FROM pg_replication_slots WHERE active') == 2
        new PollingConditions(timeout: 60).eventually {
            assert ['pg2', 'pg3'].every { visitor.sql(it, "SELECT to_regclass('t') IS NOT NULL AND pg_is_in_recovery()") }
        }
    }

    def "a spare has an empty data directory"() {
        expect:
        visitor.status.nodes()*.role() == [Role.PRIMARY, Role.STANDBY, Role.STANDBY, Role.SPARE]
        visitor.status.nodes()*.postmaster()*.present == [true, true, true, false]
        visitor.told('pg4', 'ls -A data') == ''
    }

    def "commands on host #node run in its home, under a user who is not root, with PostgreSQL's programs at hand"() {
        expect:
        visitor.told(node, 'pwd') == visitor.root.toRealPath().resolve("hosts/$node").toString()
        visitor.told(node, 'echo $HOME') == visitor.told(node, 'pwd')
        visitor.told(node, 'id -u') != '0'
        visitor.told(node, 'postgres --version').startsWith('postgres (PostgreSQL) 17.')

        where:
        node << ['pg1', 'pg2', 'pg3', 'pg4']
    }

    def "a command's exit status is #status after \"#command\""() {
        expect:
        visitor.ssh('pg1', command).v1 == status

        where:
        command                || status
        'true'                 || 0
        'exit 7'               || 7
        'no-such-command'      || 127
        'kill -KILL $$'        || 137
        'head -c 1 >/dev/zero' || 0
    }

    def "20 MiB pass through a remote cat unchanged"() {
        given:
        byte[] bytes = new byte[20 << 20]
        new Random(1).nextBytes(bytes)

        when:
        def (status, output) = visitor.ssh('pg1', 'cat', bytes)

        then:
        status == 0
        Arrays.equals(output as byte[], bytes)
    }

    def "a command that reads no further does not block who sends"() {
        when:
        def (status, output) = visitor.ssh('pg1', 'exec <&-; echo done', new byte[20 << 20])

        then:
        status == 0
        new String(output as byte[]) == 'done\n'
    }

    def "when a channel is closed its whole process group is killed"() {
        given:
        def session = visitor.session('pg1')
        def channel = session.openChannel('exec')
        channel.command = 'sleep 987654 | sleep 987654'
        channel.connect(5_000)
        new PollingConditions(timeout: 60).eventually {
            assert sleepers() == 2
        }

        when:
        session.disconnect()

        then:
        new PollingConditions(timeout: 60).eventually {
            assert sleepers() == 0
        }
    }

    def "a server is reached through a tunnel"() {
        given:
        def session = visitor.session('pg1')

        when:
        def port = session.setPortForwardingL('127.0.0.1', 0, '127.0.0.1', visitor.node('pg1').sqlPort())
        def socket = new Socket('127.0.0.1', port)
        // SSLRequest, the shortest conversation there is: the server has no SSL.
        socket.outputStream.write([0, 0, 0, 8, 4, 210, 22, 47] as byte[])

        then:
        socket.inputStream.read() == (int) 'N'

        cleanup:
        socket?.close()
        session.disconnect()
    }

    def "the inventory names the repository, and its bucket takes objects"() {
        given:
        def s3 = new Yaml().load(Files.readString(sandbox.inventory())).repositories.main.s3
        def key = AwsBasicCredentials.create(Files.readString(Path.of(s3.accessKey.file)), Files.readString(Path.of(s3.secretKey.file)))
        def client = S3Client.builder()
            .endpointOverride(URI.create(s3.endpoint)).region(Region.of(s3.region)).forcePathStyle(s3.pathStyle)
            .credentialsProvider(StaticCredentialsProvider.create(key))
            .build()

        when:
        client.putObject({ it.bucket(s3.bucket).key('a/b') }, RequestBody.fromString('content'))

        then:
        client.getObjectAsBytes { it.bucket(s3.bucket).key('a/b') }.asUtf8String() == 'content'

        cleanup:
        client.close()
    }

    def "the archive_command fills the spool"() {
        when:
        def segment = visitor.sql('pg1', 'SELECT pg_walfile_name(pg_current_wal_lsn())')
        visitor.sql('pg1', "SELECT pg_logical_emit_message(false, 'spec', 'something to switch from')")
        visitor.sql('pg1', 'SELECT pg_switch_wal()')

        then:
        new PollingConditions(timeout: 60).eventually {
            assert visitor.told('pg1', 'ls spool').readLines().contains(segment)
        }
    }

    def "P30: archiving the same file again succeeds, another content under its name fails"() {
        expect:
        visitor.ssh('pg4', 'echo one > one; ./archive-wal one 000000010000000000000001').v1 == 0
        visitor.ssh('pg4', './archive-wal one 000000010000000000000001').v1 == 0
        visitor.ssh('pg4', 'echo two > two; ./archive-wal two 000000010000000000000001').v1 == 1
        visitor.told('pg4', 'cat spool/000000010000000000000001') == 'one'

        cleanup:
        visitor.ssh('pg4', 'rm -f one two spool/*')
    }

    def "P31: an archive_command that is not even there ends with 1"() {
        given:
        def command = visitor.sql('pg1', 'SHOW archive_command').replace('%p', 'one').replace('%f', 'one')

        expect:
        visitor.ssh('pg4', "cd / && { $command; }").v1 == 1
    }

    def "a second up is refused, as is a folder with something else in it"() {
        when:
        new Sandbox(place).up(17)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        problem.fact().endsWith(fact)

        where:
        place                     || fact
        folder.resolve('sandbox') || 'is up already'
        Path.of('/usr/lib')       || 'is not empty and no sandbox'
    }

    def "a folder that is no sandbox is not taken down"() {
        when:
        new Sandbox(Path.of('/usr/lib')).down()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        problem.fact() == '"/usr/lib" is no sandbox'
    }

    def "where there is no sandbox, down has nothing to do and the rest says so"() {
        given:
        def none = new Sandbox(folder.resolve('none'))

        expect:
        !none.down()

        when:
        none.status()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        problem.hints() == ['Run "pgrunbook sandbox up".']
    }

    def "root's sandbox lies where the servers' user can enter"() {
        expect:
        Sandbox.placeFor(state) == place

        where:
        state           || place
        Path.of('/srv') || Path.of('/srv/sandbox')
        closed()        || (UnprivilegedUser.find().name().present ? Path.of('/var/lib/pgrunbook/sandbox') : closed().resolve('sandbox'))
    }

    private Path closed() {
        def closed = folder.resolve('closed')
        if (Files.notExists(closed)) {
            Files.createDirectory(closed, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString('rwx------')))
        }
        closed
    }

    private long sleepers() {
        new SandboxProcesses(visitor.root.toRealPath(), Time.system()).running()
            .count { it.handle().info().arguments().orElse(new String[0]).contains('987654') }
    }
}
