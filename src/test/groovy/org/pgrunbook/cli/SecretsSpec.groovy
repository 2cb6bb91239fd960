package org.pgrunbook.cli

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

import java.nio.charset.StandardCharsets
import java.nio.file.Files
import java.nio.file.Path

/** A password goes through everything that can fail, and is then looked for in everything that was written. */
class SecretsSpec extends Specification {
    /** With all that a quoting could change. */
    static final String PASSWORD = '''Pl4'nt"ed $ec\\ret%3D&é'''

    /** In whatever coat it comes: the part of it that no quoting changes is looked for. */
    static final List<String> TRACES = ['Pl4', 'nt"ed', 'ed $ec', 'ret%3D&', 'Pl4%27nt', Base64.encoder.encodeToString(PASSWORD.getBytes('UTF-8'))]

    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)

    Cli cli
    Path written

    def setupSpec() {
        demo.execute('pg1', "alter role postgres password '${PASSWORD.replace("'", "''")}'")
        secret('sql-password').text = PASSWORD + '\n'
    }

    def setup() {
        written = Files.createTempDirectory(demo.folder, 'case-')
        cli = new Cli(written.resolve('state'), demo.sandbox.inventory())
        cli.folder = written
        Files.createDirectories(written.resolve('runbooks'))
    }

    def "a runbook that fails by #kind tells no password, however it is looked at"() {
        given:
        runbook(body)

        when: 'it runs in every manner'
        def runs = ['', '-v', '--json', '--dry-run', '--step'].collect { mode ->
            cli.run('--stacktrace', 'run', 'planted', 'demo/pg1', '--yes', *(mode ? [mode] : []))
        }

        then: 'it fails, and says so'
        runs.first().exit in [1, 2, 3, 5]

        when: 'its journal is read, and it goes on or is taken back'
        def looks = [['log', 'last'], ['log', 'last', '--json'], ['runs'], ['runs', '--json'], ['resume', 'last', '--yes'], ['undo', 'last', '--yes']]
            .collect { cli.run('--stacktrace', *it) }

        then:
        traces((runs + looks)*.toString()) == []
        traces(files()) == []

        and: 'it would have been told'
        (runs + looks)*.toString().any { it.contains('[secret]') }

        where:
        kind                                   | body
        'an error of the server'               | 'node.sql.value(Integer, "select ?::text::int", planted)'
        'a statement that contains it'         | '''node.sql.row("select 1 as a where false and '${planted.replace("'", "''")}' = ''")'''
        'a change that contains it'            | '''node.sql.execute("alter role nobody password '${planted.replace("'", "''")}'")'''
        'a command that repeats its input'     | '''node.ssh.run(Command.changeScript('cat > it; cat it; cat it >&2; rm it; exit 1').secretStdin(planted))'''
        'a command that prints it'             | '''note node.ssh.run(Command.changeScript('cat').stdin(planted)).text(); node.ssh.run('false')'''
        'an assertion'                         | 'assert planted.size() == 1'
        'an exception with its causes'         | 'throw new IllegalStateException(planted, new IOException("cause: $planted", new RuntimeException(planted)))'
        'a refusal'                            | 'refuseIf(true, "no: $planted")'
        'a condition that does not come'       | 'waitUntil("$planted is there", Duration.ofMillis(1)) { false }'
        'all that a step can tell'             | '''step(planted) { note planted; warn planted; table([[what: planted]]); measure(planted, 1); [it: planted] }
                                                    undo(planted) { note planted }; always(planted) { note planted }; node.ssh.run('false')'''
        'work on several at once'              | 'parallel([planted, planted + 1]) { String it -> throw new IllegalArgumentException(it) }'
        'an object of the store'               | 's3("no-such-bucket").get(planted) { it.readLines().size() }'
        'a question'                           | 'confirm(node, planted)'
        'a bug'                                | '((Object) planted) as Integer'
        'a number that is none'                | 'Integer.parseInt(planted)'
    }

    def "a wrong password is told to nobody, nor is the URL with it"() {
        given:
        secret('wrong').text = PASSWORD + 'wrong'
        def inventory = demo.inventory(demo.sandbox.inventory().toFile().text.replace('secrets/sql-password', 'secrets/wrong'))
        inventory.environment.PGRUNBOOK_STATE = cli.environment.PGRUNBOOK_STATE

        when:
        def said = [['run', 'health/status', 'demo'], ['run', 'backup/base-backup', 'demo'], ['status', 'demo'], ['backups', 'demo'], ['inventory', '--resolved']]
            .collect { inventory.run('--stacktrace', *it) }

        then:
        said[1].exit == 5
        traces(said*.toString()) == []
        traces(files()) == []
    }

    def "no process of a host, and none of this machine, has a password among its arguments or in its environment"() {
        given:
        runbook('''node.ssh.run(Command.changeScript('read -r secret; sleep 1000').secretStdin(planted + '\\n'))''')
        def run = demo.start('listed', [], 'run', written.resolve('runbooks/planted.groovy'), 'demo/pg1')

        when:
        new PollingConditions(timeout: 60, delay: 0.05).eventually { assert demo.processes('sleep') }

        then:
        traces(processes()) == []

        cleanup:
        run.destroy()
        run.waitFor()
    }

    /** Its first statement logs in, with the password. */
    private void runbook(String body) {
        written.resolve('runbooks/planted.groovy').toFile().text = """
            /** Tells what it must not. */
            @Target Node node
            String planted = new File('${secret('sql-password')}').getText('UTF-8').trim()
            node.sql.value(Integer, 'select 1')
            $body
            """.stripIndent()
    }

    private File secret(String name) {
        demo.folder.resolve("sandbox/secrets/$name").toFile()
    }

    /** Everything that was written, but the runbook itself. */
    private List<String> files() {
        Files.walk(written).filter { Files.isRegularFile(it) }.toList()
            .collect { it.toString() + new String(Files.readAllBytes(it), StandardCharsets.UTF_8) }
    }

    private static List<String> processes() {
        new File('/proc').listFiles().findAll { it.name.isNumber() }.collectMany { process ->
            ['cmdline', 'environ'].collect {
                try {
                    new File(process, it).getText('UTF-8')
                } catch (IOException ignored) {
                    '' // it has ended
                }
            }
        }
    }

    /** The lines with something of the password in them. */
    private static List<String> traces(List<String> texts) {
        texts.collectMany { it.readLines() }.findAll { line -> TRACES.any { line.contains(it) } }
    }
}
