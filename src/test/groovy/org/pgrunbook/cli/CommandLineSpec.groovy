package org.pgrunbook.cli

import org.pgrunbook.journal.Json
import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Cli
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

class CommandLineSpec extends Specification {
    @TempDir Path folder

    Cli cli

    def setup() {
        def inventory = Files.writeString(folder.resolve('inventory.yml'), '''
            clusters:
              orders:
                nodes:
                  pg1: { host: 127.0.0.1, role: primary, sql: { port: 1 } }
            '''.stripIndent())
        def runbooks = Files.createDirectories(folder.resolve('runbooks'))
        Files.writeString(runbooks.resolve('greet.groovy'), '/**\n * Greet somebody.\n */\n@Param("whom") String name = "you"\nstep("greet") { note "hello $name" }\ntable([[a: 1]])\n')
        cli = new Cli(folder.resolve('state'), inventory)
        cli.folder = folder
    }

    def "--help explains the commands and every exit status, and so does no command at all"() {
        when:
        def help = cli.run('--help')

        then:
        help.exit == 0
        ['run', 'status', 'backups', 'check', 'log'].every { help.out =~ /(?m)^  $it +\S/ }
        Exit.values().every { help.out =~ /(?m)^ +${it.code()} +\S/ }
        cli.run() == help || cli.run().out == help.out
        cli.run().exit == 0
    }

    def "--version names the version and what it runs on"() {
        expect:
        with(cli.run('--version')) {
            exit == 0
            out =~ /^pgrunbook \d+/
        }
    }

    def "list shows the runbooks of the working folder beside the shipped ones"() {
        when:
        def result = cli.run('list')

        then:
        result.exit == 0
        result.out =~ /(?m)^greet +Greet somebody\.$/
        result.out =~ /(?m)^backup\/base-backup +Take a full base backup/
        result.out =~ /(?m)^incident\/high-connections +Find out who takes the connections/
    }

    def "show explains a runbook: what it does, takes and goes through"() {
        when:
        def result = cli.run('show', 'backup/base-backup')

        then:
        result.exit == 0
        result.out.startsWith('Take a full base backup of a cluster')
        result.out.contains('Usage: pgrunbook run backup/base-backup CLUSTER [-p processes=INTEGER]')
        result.out =~ /(?m)^processes +Integer +2 +how many/
        result.out =~ /(?m)^  1\. look at the primary/
    }

    def "a run is listed and its log can be read"() {
        given:
        cli.run('run', 'greet', '-p', 'name=world')

        when:
        def runs = cli.run('runs')
        def log = cli.run('log', 'last')

        then:
        runs.exit == 0
        runs.out =~ /(?m)^\d{8}-\d{6}-\w{4} +run +greet .* done /
        log.exit == 0
        log.out.contains('note: hello world')
        log.out.contains('done (0)')
    }

    def "with --json standard output is JSON lines and nothing else: #arguments"() {
        given:
        cli.run('run', 'greet')

        when:
        def result = cli.run(*arguments)

        then:
        result.exit == expected
        result.out.readLines().every { Json.object(it) instanceof Map }
        result.out.readLines().size() >= 1

        where:
        arguments                            || expected
        ['run', 'greet', '--json']           || 0
        ['run', 'health/status', 'orders', '--json'] || 1
        ['status', '--json']                 || 1
        ['list', '--json']                   || 0
        ['runs', '--json']                   || 0
        ['log', 'last', '--json']            || 0
        ['inventory', '--json']              || 0
    }
}
