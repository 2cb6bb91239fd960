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

    def "journals that cannot be read are no empty list: #what"() {
        given:
        damage(folder.resolve('state'))

        when:
        def runs = cli.run('runs')

        then:
        runs.exit == 2
        runs.out == ''
        runs.err.startsWith("error: cannot read the journals in \"${folder.resolve('state/runs')}\": ")
        runs.err.contains('HINT: Is it yours, and is $PGRUNBOOK_STATE the folder that you mean?')

        where:
        what                                     | damage
        'the state folder is a file'             | { Path state -> Files.createFile(state) }
        'the folder of runs is a file'           | { Path state -> Files.createFile(Files.createDirectories(state).resolve('runs')) }
        'the folder of runs leads back to itself' | { Path state -> Files.createSymbolicLink(Files.createDirectories(state).resolve('runs'), Path.of('runs')) }
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
        result.out =~ /(?m)^Usage: pgrunbook run backup\/base-backup CLUSTER \[-p from=NODE] .*\[-p processes=INTEGER]/
        result.out =~ /(?m)^processes +Integer +2 +1 to 64 +how many/
        result.out =~ /(?m)^maxRate +DataSize +- +at least 1kB +bytes/
        result.out =~ /(?m)^from +Node +- +- +the standby/
        result.out =~ /(?m)^  1\. look at the servers/
        result.out =~ /(?m)^  3\. copy the files .*  \[changes: take]$/
        result.out =~ /(?m)^It may change something by take, shipCurrentWal, shipWal, commit\.$/
    }

    def "show tells what is asked, what is taken back and from where on nothing is"() {
        when:
        def lines = cli.run('show', 'replication/failover').out.readLines()*.strip()

        then:
        lines.any { it =~ /^asks: Promote … and lose / }
        lines.any { it =~ /^if a later step fails: let … be started again  \[changes: unfence]$/ }
        lines.any { it =~ /^point of no return/ }

        and:
        cli.run('show', 'greet').out.contains('It changes nothing.')
    }

    def "show --json tells the range of a parameter"() {
        when:
        def shown = Json.object(cli.run('show', 'backup/base-backup', '--json').out)

        then:
        shown.parameters.find { it.name == 'processes' }.subMap('min', 'max') == [min: '1', max: '64']
        shown.parameters.find { it.name == 'maxRate' }.subMap('min', 'max') == [min: '1kB']
    }

    def "-p #parameter is refused before anything is touched: #fact"() {
        when:
        def result = cli.run('run', 'backup/base-backup', 'orders', '-p', parameter)

        then:
        result.exit == 2
        result.err.readLines().first() == "error: parameter $fact"
        result.err.contains("HINT: Give it with -p ${parameter.takeBefore('=')}=VALUE, $range: ")
        !result.out.contains('1/')

        where:
        parameter        || fact                                           | range
        'processes=-3'   || '"processes" is -3, which is less than 1'      | '1 to 64'
        'processes=65'   || '"processes" is 65, which is more than 64'     | '1 to 64'
        'patience=PT-5M' || '"patience" is PT-5M, which is less than 1s'   | '1s to 7 days'
        'maxRate=10B'    || '"maxRate" is 10B, which is less than 1kB'     | 'at least 1kB'
    }

    def "check --json says each mistake on a line of its own, and in the end how many there are"() {
        given:
        folder.resolve('runbooks/bad.groovy').toFile().text = 'nte 1\nstep("a") { }\nstep("a") { }\n'

        when:
        def result = cli.run('check', '--json', 'bad', 'greet')
        def lines = result.out.readLines().collect { Json.object(it) }

        then:
        result.exit == 2
        result.err == ''
        lines*.v == [1, 1, 1]
        lines*.kind == ['mistake', 'mistake', 'checked']
        lines[0] == [v: 1, kind: 'mistake', file: folder.resolve('runbooks/bad.groovy').toString(), line: 1, column: 1, rule: 'compiles',
                     message: 'there is no word "nte"; did you mean "note"?', hint: 'Look the word up in docs/language.md.',
                     page: 'docs/writing-runbooks.md#compiles', forbidsRunning: true]
        lines[1].subMap('line', 'column', 'rule', 'message', 'page', 'forbidsRunning') == [
            line: 3, column: 1, rule: 'step-name-twice', message: 'step "a" is there already, in line 2',
            page: 'docs/writing-runbooks.md#step-name-twice', forbidsRunning: false]
        lines[2] == [v: 1, kind: 'checked', runbooks: 2, mistakes: 2]
    }

    def "help COMMAND is the same as COMMAND --help"() {
        expect:
        cli.run('help', 'run').out == cli.run('run', '--help').out
        cli.run('help', 'run').exit == 0
        cli.run('help', 'rnu').exit == 2
    }

    def "#words is told what was probably meant: #meant"() {
        when:
        def result = cli.run(*words)

        then:
        result.exit == 2
        result.err.readLines()[1] == "HINT: Did you mean \"$meant\"?"

        where:
        words                        || meant
        ['rn', 'greet']              || 'run'
        ['stauts']                   || 'status'
        ['run', 'base-backup']       || 'backup/base-backup'
        ['show', 'base-bakup']       || 'backup/base-backup'
        ['run', 'gret']              || 'greet'
        ['run', '--jsn', 'greet']    || '--json'
    }

    def "a node where a cluster is wanted, and the other way round, names the command that works"() {
        given:
        folder.resolve('runbooks/one.groovy').toFile().text = '/** One. */\n@Target Node node\nnote node\n'

        when:
        def node = cli.run('run', 'backup/base-backup', 'orders/pg1')
        def cluster = cli.run('run', 'one', 'orders')

        then:
        node.exit == 2
        node.err.readLines()[0..1] == ['error: this runbook acts on a cluster, but "orders/pg1" is a node',
                                       'HINT: Name the cluster: pgrunbook run backup/base-backup orders.']
        cluster.exit == 2
        cluster.err.readLines()[0..1] == ['error: this runbook acts on a node, but "orders" is a cluster',
                                          'HINT: Name one of its nodes: pgrunbook run one orders/pg1.']
    }

    def "new writes a runbook that passes check, and never over another"() {
        when:
        def written = cli.run('new', 'myteam/restart')

        then:
        written.exit == 0
        written.out.readLines() == ['wrote runbooks/myteam/restart.groovy', 'next: pgrunbook check myteam/restart']
        cli.run('check', 'myteam/restart').out == '1 runbook checked, 0 mistakes\n'
        cli.run('list').out.contains('myteam/restart')

        when:
        folder.resolve('runbooks/myteam/restart.groovy').toFile().text = 'mine'
        def again = cli.run('new', 'myteam/restart')

        then:
        again.exit == 3
        again.err.contains('HINT: Choose another name')
        folder.resolve('runbooks/myteam/restart.groovy').toFile().text == 'mine'

        and:
        cli.run('new', 'backup/base-backup').out.contains('takes the place of the shipped runbook')
        cli.run('new', '../escape').exit == 2
        cli.run('new', '/tmp/escape').exit == 2
    }

    def "the log of a run leaves out what went well without changing anything, unless all is wanted"() {
        given:
        folder.resolve('runbooks/long.groovy').toFile().text =
            "/** Long. */\nstep('look') { note '${'n' * 300}'; '${'v' * 300}' }\n"
        cli.run('run', 'long')

        when:
        def brief = cli.run('log', 'last').out
        def all = cli.run('log', 'last', '-v').out

        then:
        brief.contains('n' * 300)
        !brief.contains('v' * 120)
        brief.contains('v…')
        all.contains('v' * 300)
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
        result.out.readLines().every { Json.object(it).with { it.v == 1 } }
        result.out.readLines().size() >= 1

        where:
        arguments                            || expected
        ['run', 'greet', '--json']           || 0
        ['run', 'health/status', 'orders', '--json'] || 1
        ['status', '--json']                 || 1
        ['list', '--json']                   || 0
        ['show', 'greet', '--json']          || 0
        ['runs', '--json']                   || 0
        ['log', 'last', '--json']            || 0
        ['inventory', '--json']              || 0
    }

    def "what nobody has foreseen is a bug (70), and says how to report it"() {
        given: 'a state folder whose name no path can have'
        cli.environment.PGRUNBOOK_STATE = 'a\0b'

        when:
        def result = cli.run('runs')

        then:
        result.exit == Exit.BUG.code()
        result.out == ''
        result.err.startsWith('error: this is a bug in pgrunbook: java.nio.file.InvalidPathException: ')
        result.err.contains('HINT: Please report it with the output of --stacktrace and of --version.')
    }

    def "fewer runs than one cannot be listed"() {
        when:
        def result = cli.run('runs', '-n', '-1')

        then:
        result.exit == 2
        result.err.contains('error: -n -1 is no number of runs\nHINT: Give 1 or more.')
    }
}
