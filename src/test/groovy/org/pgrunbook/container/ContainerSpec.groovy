package org.pgrunbook.container

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.SshHost
import org.testcontainers.DockerClientFactory
import org.testcontainers.images.builder.ImageFromDockerfile
import org.testcontainers.postgresql.PostgreSQLContainer
import org.testcontainers.utility.DockerImageName
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

/** The shipped runbooks against a host as Debian makes it, with nothing of ours on it but a public key. */
@Stepwise
@Requires(value = { DockerClientFactory.instance().dockerAvailable }, reason = 'there is no Docker')
class ContainerSpec extends Specification {
    @Shared @TempDir Path folder
    @Shared @AutoCleanup PostgreSQLContainer postgres
    @Shared Cli cli

    def setupSpec() {
        folder.resolve('repository').toFile().mkdir()
        def identity = folder.resolve('id_ed25519')
        SshHost.generateKey(identity)
        def dockerfile = Path.of(System.getProperty('pgrunbook.home'), 'src/test/docker')
        def image = new ImageFromDockerfile('localhost/pgrunbook-host:15', false).withFileFromPath('.', dockerfile).get()
        postgres = new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor('postgres'))
            .withEnv('AUTHORIZED_KEY', new File("${identity}.pub").text.strip())
            .withUsername('postgres')
            .withPassword('not to be seen')
            .withExposedPorts(22, PostgreSQLContainer.POSTGRESQL_PORT)
            .withCommand('postgres', '-c', 'archive_mode=on', '-c', 'archive_command=archive-wal %p %f')
        postgres.start()
        cli = new Cli(folder, inventory(identity))
    }

    def "a backup is taken, and the repository has it"() {
        given:
        sql('create table t as select generate_series(1, 100000) as id')

        when:
        def backup = cli.run('run', 'backup/base-backup', 'orders')

        then:
        backup.exit == 0
        // The manifest is written last: with it the backup exists.
        Files.walk(folder.resolve('repository')).filter { it.endsWith('manifest.json') }.count() == 1
    }

    def "health/status shows the node and that backup"() {
        when:
        def status = cli.run('run', 'health/status', 'orders')

        then:
        status.exit == 0
        status.out =~ /is +primary/
        status.out =~ /newest backup: \d{8}T\d{6}Z-full/
    }

    /** What an operator would write: where the container is, and how to know that it is the right one. */
    private Path inventory(Path identity) {
        def ssh = postgres.getMappedPort(22)
        def sql = postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT)
        def hostKey = postgres.execInContainer('cat', '/etc/ssh/ssh_host_ed25519_key.pub').stdout.strip()
        folder.resolve('known_hosts').toFile().text = "[$postgres.host]:$ssh $hostKey\n"
        folder.resolve('password').toFile().text = postgres.password
        def inventory = folder.resolve('inventory.yml')
        inventory.toFile().text = """\
            repositories:
              local: { directory: $folder/repository }
            clusters:
              orders:
                repository: local
                spool: /var/lib/postgresql/spool
                nodes:
                  pg1:
                    host: $postgres.host
                    role: primary
                    control: pg_ctl
                    ssh: { port: $ssh, user: postgres, identity: $identity, knownHosts: $folder/known_hosts }
                    sql: { port: $sql, user: postgres, password: { file: $folder/password } }
            """.stripIndent()
        inventory
    }

    private void sql(String statement) {
        postgres.createConnection('').withCloseable { it.createStatement().execute(statement) }
    }
}
