package org.pgrunbook.cli

import org.pgrunbook.fixtures.Cli
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

/** The script that completion prints, as a real bash executes it on a TAB. */
class CompletionSpec extends Specification {
    static final Path BASH = Path.of('/bin/bash')

    static final List<String> TOOLS = ['awk', 'cat', 'find', 'grep', 'ls', 'sed', 'tail']

    @Shared @TempDir Path folder
    @Shared Path script

    def setupSpec() {
        def cli = new Cli(folder.resolve('state'))
        script = Files.writeString(folder.resolve('completion'), cli.run('completion', 'bash').out)
        folder.resolve('runbooks/my').toFile().mkdirs()
        folder.resolve('runbooks/my/greet.groovy').toFile().text =
            '/** Greet. */\n@Target Cluster c\n@Param(\'who (or "what")\') String name = "you"\n@Param(value = "x", required = true) List<Node> others\n  note 1\n'
        folder.resolve('inventory.yml').toFile().text = '''
            # orders and its standby
            defaults:
              ssh: { user: postgres }
            clusters:
              orders:
                repository: main
                nodes:
                  pg1:
                    host: 10.0.0.1
                    role: primary
                  "pg2": { host: 10.0.0.2 }
                poolers:
                  - pgbouncer: { host: x }
              billing:
                nodes:
                  b1: { host: 10.0.0.3 }
            repositories:
              main: { directory: /x }
            '''.stripIndent()
        folder.resolve('state/runs').toFile().mkdirs()
        folder.resolve('state/runs/20260301-014500-k3f9.jsonl').toFile().text = ''
    }

    def "#line completes to #expected"() {
        expect:
        complete(line).containsAll(expected)
        expected || complete(line) == []

        where:
        line                                             || expected
        ['']                                             || ['run', 'check', 'completion', 'status', 'help']
        ['ru']                                           || ['run', 'runs']
        ['-']                                            || ['--inventory', '--stacktrace', '--help']
        ['run', '']                                      || ['my/greet', 'backup/base-backup', 'health/status']
        ['run', 'backup/b']                              || ['backup/base-backup']
        ['run', 'my/greet', '']                          || ['orders', 'orders/pg1', 'orders/pg2', 'billing/b1']
        ['run', 'my/greet', 'orders/']                   || ['orders/pg1', 'orders/pg2']
        ['run', 'my/greet', 'orders', '-p', '']          || ['name=', 'others=']
        ['run', '-p', 'name', '=', 'x', 'my/greet', 'orders', '-p', 'o'] || ['others=']
        ['run', 'backup/base-backup', 'orders', '-p', 'pr'] || ['processes=']
        ['run', 'my/greet', 'orders', '--']              || ['--yes', '--json', '--verbose']
        ['run', 'my/greet', 'orders', '--confirm', 'b']  || ['billing', 'billing/b1']
        ['run', 'my/greet', 'orders', '']                || []
        ['-i', 'inventory.yml', 'run', 'my']             || ['my/greet']
        ['-i', 'nowhere.yml', 'status', '']              || []
        ['check', 'my/greet', 'h']                       || ['health/status']
        ['status', 'o']                                  || ['orders']
        ['unlock', 'b']                                  || ['billing']
        ['unlock', 'orders', '']                         || ['wal', 'backup', 'roles']
        ['run', 'my/greet', 'orders', '--wi']            || ['--without-lock']
        ['log', '']                                      || ['last', '20260301-014500-k3f9']
        ['report', '']                                   || ['last', '20260301-014500-k3f9']
        ['report', 'last', '--']                         || ['--html', '--markdown', '--output']
        ['sandbox', '']                                  || ['up', 'down', 'kill']
        ['help', 'ba']                                   || ['backups']
        ['completion', '']                               || ['bash', 'zsh', 'intellij']
        ['list', '']                                     || []
    }

    def "nothing that is no cluster or node of the inventory is offered"() {
        expect:
        complete(['run', 'my/greet', '']).toSet() == ['orders', 'orders/pg1', 'orders/pg2', 'billing', 'billing/b1'] as Set
        complete(['status', '']).toSet() == ['orders', 'billing'] as Set
    }

    def "it starts no Java: what it needs are #tools"() {
        expect:
        complete(['run', '']).size() > 3
        folder.resolve('bin').toFile().list().toSet() == tools as Set

        where:
        tools = TOOLS
    }

    private List<String> complete(List<String> line) {
        def words = ['pgrunbook', *line].collect { "'$it'" }.join(' ')
        def bin = folder.resolve('bin').toFile()
        if (bin.mkdirs()) {
            TOOLS.each {
                Files.createSymbolicLink(bin.toPath().resolve(it), Path.of('/usr/bin', it))
            }
        }
        def process = new ProcessBuilder(BASH.toString(), '--norc', '-c', """
            source '$script' || exit 9
            COMP_WORDS=($words)
            COMP_CWORD=${line.size()}
            _pgrunbook
            printf '%s\\n' "\${COMPREPLY[@]}"
            """.toString()).directory(folder.toFile()).redirectErrorStream(true)
        process.environment().clear()
        process.environment().putAll([PATH: bin.path, HOME: folder.toString(),
                                      PGRUNBOOK_STATE: folder.resolve('state').toString(), PGRUNBOOK_INVENTORY: 'inventory.yml'])
        process.start().inputReader().readLines().findAll()
    }
}
