package org.pgrunbook.cli

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.SshHost
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Timeout

import java.nio.file.Files
import java.nio.file.Path

/** What is wrong before anything is touched: the message names the fact, the status is 2 or 5, and nothing has changed. */
@Timeout(120)
class BadInputSpec extends Specification {
    @Shared DemoSandbox demo
    @Shared String original
    @Shared String password
    @Shared List<String> before

    Cli cli
    Path inventory

    def setupSpec() {
        demo = DemoSandbox.up(17)
        original = Path.of(demo.cli.environment.PGRUNBOOK_INVENTORY).toFile().text
        password = demo.folder.resolve('sandbox/secrets/sql-password').toFile().text.strip()
        before = state()
    }

    def cleanupSpec() {
        demo?.close()
    }

    def setup() {
        def folder = Files.createTempDirectory(demo.folder, 'case-')
        inventory = Files.writeString(folder.resolve('inventory.yml'), original)
        cli = new Cli(folder.resolve('state'), inventory)
        cli.folder = folder
    }

    def cleanup() {
        // Whatever was wrong: nothing was changed, and nobody has seen a secret.
        assert state() == before
        cli.folder.toFile().eachFileRecurse {
            assert it.directory || it.name == 'wrong' || !it.text.contains(password)
        }
    }

    def "#arguments ends with 2: #fact"() {
        when:
        def result = cli.run(*arguments)

        then:
        result.exit == 2
        result.err.readLines().take(2) == ["error: $fact".toString(), "HINT: $hint".toString()]
        isClean(result)

        where:
        arguments                                                           || fact                                                          | hint
        ['run', 'backup/base-bakup', 'demo']                                || 'there is no runbook "backup/base-bakup"'                     | 'Did you mean "backup/base-backup"?'
        ['run', 'backup/base-backup', 'dmeo']                               || 'cluster "dmeo" is not in the inventory'                      | 'Did you mean "demo"?'
        ['run', 'examples/three-wires', 'demo/pg9', '-p', 'bucket=b']       || 'node "pg9" is not in cluster "demo"'                         | 'Did you mean "pg1"?'
        ['run', 'backup/base-backup']                                       || 'the target is missing'                                       | "Name a cluster after the runbook; 'pgrunbook inventory' lists them."
        ['run', 'backup/base-backup', 'demo', '-p', 'proceses=2']           || 'there is no parameter "proceses"'                            | 'Did you mean "processes"?'
        ['run', 'backup/base-backup', 'demo', '-p', 'processes=two']        || 'parameter "processes" is no whole number but "two"'          | 'Give it with -p processes=VALUE, 1 to 64: how many processes read and compress on the host at once.'
        ['run', 'restore/point-in-time', 'demo', '-p', 'onto=pg4', '-p', 'time=2026-03-29T02:30:00'] || 'parameter "time" is no instant with its offset, such as 2026-03-29T02:30:00+02:00 but "2026-03-29T02:30:00"' | 'Give it with -p time=VALUE: stop after the last commit at or before this time.'
        ['run', 'restore/point-in-time', 'demo']                            || 'parameter "onto" is missing'                                 | 'Give it with -p onto=VALUE: the node to restore onto: a spare, or one whose data is moved aside.'
        ['status', 'dmeo']                                                  || 'cluster "dmeo" is not in the inventory'                      | 'Did you mean "demo"?'
        ['stauts']                                                          || 'there is no command "stauts"'                                | 'Did you mean "status"?'
        ['run', '--jsn', 'backup/base-backup', 'demo']                      || "unknown option: '--jsn'"                                     | 'Did you mean "--json"?'
        ['log', 'last']                                                     || 'there is no run "last"'                                      | "The command 'pgrunbook runs' lists them."
    }

    def "a typo in a runbook ends with 2, with line and column"() {
        given:
        def own = Files.createDirectories(cli.folder.resolve('runbooks'))
        own.resolve('mine.groovy').toFile().text = '/** Mine. */\n@Target Cluster cluster\nnote cluster.primry\n'

        when:
        def result = cli.run('run', 'mine', 'demo')

        then:
        result.exit == 2
        result.err.contains("$own/mine.groovy:3:14 a Cluster has no property \"primry\"")
        isClean(result)
    }

    def "a typo in the inventory ends with 2, with file, line and column"() {
        given:
        inventory.toFile().text = original.replaceFirst('knownHosts:', 'knownHost:')
        def line = original.readLines().findIndexOf { it.contains('knownHosts:') } + 1

        when:
        def result = cli.run('run', 'backup/base-backup', 'demo')

        then:
        result.exit == 2
        result.err.contains('"knownHost"')
        result.err.contains('Did you mean "knownHosts"?')
        result.err.contains("$inventory:$line:5")
        isClean(result)
    }

    def "a missing secret file ends with 2, and says so once"() {
        given:
        inventory.toFile().text = original.replaceFirst('secrets/sql-password', 'secrets/no-such-file')

        when:
        def result = cli.run('run', 'backup/base-backup', 'demo')

        then:
        result.exit == 2
        result.err.count('no-such-file') == 1
        result.err.contains('HINT: ')
        isClean(result)
    }

    def "a server that #what ends with 5, and no word of a failover"() {
        given:
        def silent = new ServerSocket(0, 10, InetAddress.loopbackAddress)
        if (refuses) {
            silent.close()
        }
        inventory.toFile().text = original.replaceAll(/sql: \{ port: \d+ \}/, "sql: { port: $silent.localPort }")

        when:
        def result = cli.run('run', 'backup/base-backup', 'demo')

        then:
        result.exit == 5
        result.err.startsWith("error: no node of cluster \"demo\" answers: pg1 is out of reach (cannot connect to database \"postgres\" at 127.0.0.1:$silent.localPort as user \"postgres\": $said")
        result.err.contains('HINT: Check that the server runs')
        !result.err.contains('failover')
        isClean(result)

        cleanup:
        silent.close()

        where:
        what                          | refuses || said
        'listens nowhere'             | true    || 'connection refused'
        'takes calls but never talks' | false   || 'no answer'
    }

    def "a standby that answers while the primary does not is no lack of a connection: 3"() {
        given:
        inventory.toFile().text = original.replaceFirst(/sql: \{ port: \d+ \}/, 'sql: { port: 1 }')

        when:
        def result = cli.run('run', 'backup/base-backup', 'demo')

        then:
        result.exit == 3
        result.err.startsWith('error: cluster "demo" has no writable primary: pg1 is out of reach (cannot connect')
        result.err.contains('HINT: If the primary is gone for good: pgrunbook run replication/failover demo.')
    }

    def "a wrong database password ends with 5, also if only the primary refuses it"() {
        given:
        def wrong = cli.folder.resolve('wrong').toFile()
        wrong.text = 'not-the-password'
        inventory.toFile().text = everywhere
            ? original.replaceFirst(/password: \{ file: [^}]*sql-password[^}]*\}/, "password: { file: $wrong }")
            : original.replaceFirst(/sql: \{ port: (\d+) \}/, "sql: { port: \$1, password: { file: $wrong } }")

        when:
        def result = cli.run('run', 'backup/base-backup', 'demo')

        then:
        result.exit == 5
        result.err =~ /^error: cannot connect to database "postgres" at 127\.0\.0\.1:\d+ as user "postgres": password authentication failed for user "postgres"\nHINT: Check the password that the inventory points to, or ~\/\.pgpass\.\nat: demo\/pg1/
        !(result.out + result.err).contains('not-the-password')
        isClean(result)

        where:
        everywhere << [true, false]
    }

    def "an unknown SSH host key ends with 5, and names the fingerprint and what adds it"() {
        given:
        def known = Files.createFile(cli.folder.resolve('known_hosts'))
        inventory.toFile().text = original.replaceFirst(/knownHosts: .*/, "knownHosts: $known")

        when:
        def result = cli.run('run', 'backup/base-backup', 'demo')

        then:
        result.exit == 5
        result.err =~ /^error: host key of "127\.0\.0\.1:\d+" is not known: it shows [\w-]+ SHA256:\S+\nHINT: /
        result.err.contains("ssh-keyscan")
        known.toFile().text == ''
        isClean(result)
    }

    def "a changed SSH host key ends with 5"() {
        given:
        def other = cli.folder.resolve('other')
        SshHost.generateKey(other)
        def key = new File("${other}.pub").text.tokenize(' ')[0..1].join(' ')
        def known = cli.folder.resolve('known_hosts')
        known.toFile().text = demo.sandbox.status().nodes().collect { "[127.0.0.1]:${it.sshPort()} $key\n" }.join('')
        inventory.toFile().text = original.replaceFirst(/knownHosts: .*/, "knownHosts: $known")

        when:
        def result = cli.run('run', 'backup/base-backup', 'demo')

        then:
        result.exit == 5
        result.err =~ /^error: host key of "127\.0\.0\.1:\d+" has changed/
        isClean(result)
    }

    def "#what ends with 5"() {
        given:
        def wrong = cli.folder.resolve('wrong').toFile()
        wrong.text = 'neither-key-nor-secret'
        inventory.toFile().text = original.replaceFirst(pattern, replacement.replace('WRONG', wrong.path))

        when:
        def result = cli.run('run', 'backup/base-backup', 'demo')

        then:
        result.exit == 5
        result.err =~ /^error: bucket "[\w-]+" at http:\/\/127\.0\.0\.1:\d+ $fact\nHINT: /
        !(result.out + result.err).contains('neither-key-nor-secret')
        isClean(result)

        and: 'the command that lists backups says the same'
        def listed = cli.run('backups', 'demo')
        listed.exit == 5
        listed.err =~ /^error: bucket "[\w-]+" at http:\/\/127\.0\.0\.1:\d+ $fact\nHINT: /

        where:
        what                            | pattern                     | replacement                  || fact
        'a wrong S3 access key'         | /accessKey: \{[^}]*\}/      | 'accessKey: { file: WRONG }' || '(does not know the access key|does not let us in.*|says that .*)'
        'a wrong S3 secret key'         | /secretKey: \{[^}]*\}/      | 'secretKey: { file: WRONG }' || '(says that the secret key does not go with the access key|does not let us in.*)'
        'a bucket that does not exist'  | /bucket: \w+/               | 'bucket: no-such-bucket'     || 'does not exist'
    }

    private static boolean isClean(Cli.Result result) {
        !(result.out + result.err).contains('\tat ') && !result.err.contains('Exception')
    }

    /** What a change would show in: relations, settings, objects, the hosts' files. */
    private List<String> state() {
        [demo.ask('pg1', "select md5(string_agg(relname || relfilenode, ' ' order by oid)) from pg_class") as String,
         demo.ask('pg1', "select string_agg(name || setting, ' ' order by name) from pg_settings where source = 'configuration file'") as String,
         demo.folder.resolve('sandbox/s3').toFile().list().sort().join(' '),
         *['pg1', 'pg2', 'pg3', 'pg4'].collect { demo.home(it).toFile().list().sort().join(' ') },
         demo.home('pg4').resolve('data').toFile().list().join(' ')]
    }
}
