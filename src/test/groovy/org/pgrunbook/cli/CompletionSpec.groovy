package org.pgrunbook.cli

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.runbook.Compiler
import org.pgrunbook.runbook.Library
import spock.lang.Requires
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
            '/** Greet. */\n@Target Cluster c\n@Param(\'who (or "what")\') String name = "you"\n@Param(value = "x", required = true) List<Node> others\n@Param(value = \'x\', min = \'1\', max = \'5\') Integer count = 1\n@Param(\'y\') Boolean really = false\n@Param(\'z\') Cluster from\n  note 1\n'
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
        ['run', 'my/greet', 'orders', '-p', 'c']         || ['count=']
        ['run', 'my/greet', 'orders', '-p', 'really', '='] || ['true', 'false']
        ['run', 'my/greet', 'orders', '-p', 'really', '=', 't'] || ['true']
        ['run', 'my/greet', 'orders', '-p', 'others', '=', ''] || ['pg1', 'pg2']
        ['run', 'my/greet', 'orders', '-p', 'others=pg'] || ['others=pg1', 'others=pg2']
        ['run', 'my/greet', 'orders/pg1', '-p', 'from', '=', 'b'] || ['billing']
        ['run', 'my/greet', 'orders', '-p', 'count', '='] || []
        ['run', 'incident/lock-queue', 'orders', '-p', 'severity', '=', 'c'] || ['critical']
        ['run', 'incident/prepared-transactions', 'orders', '-p', 'outcome', '='] || ['commit', 'rollback']
        ['run', 'restore/point-in-time', 'orders', '-p', 'existing', '='] || ['refuse', 'aside', 'delta']
        ['run', 'my/greet', 'orders', '--confirm', '=', 'or'] || ['orders', 'orders/pg1']
        ['run', 'my/greet', 'orders', '--wait', '=']     || []
        ['resume', '']                                   || ['last', '20260301-014500-k3f9']
        ['show', 'my/']                                  || ['my/greet']
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

    def "every enum that a shipped runbook takes has its constants there"() {
        given:
        def types = Library.of(folder, Path.of(System.getProperty('pgrunbook.home'))).all().values()
            .collectMany { new Compiler().signature(it).parameters() }*.type().unique()
        def known = ['String', 'Boolean', 'Integer', 'DataSize', 'Duration', 'Instant', 'Lsn', 'Node', 'Cluster', 'List<String>', 'List<Node>']

        expect:
        (types - known).findAll { !script.toFile().text.contains("\n        $it) echo '") } == []
    }

    def "it starts no Java: what it needs are #tools"() {
        expect:
        complete(['run', '']).size() > 3
        folder.resolve('bin').toFile().list().toSet() == tools as Set

        where:
        tools = TOOLS
    }

    @Requires({ Files.isExecutable(Path.of('/usr/bin/zsh')) })
    def "zsh takes the same script: #line completes to #expected"() {
        given:
        def zsh = Files.writeString(folder.resolve('completion.zsh'), new Cli(folder.resolve('state')).run('completion', 'zsh').out)
        def process = new ProcessBuilder('/usr/bin/zsh', '-f', '-c', """
            autoload -U compinit && compinit -u -d '$folder/zcompdump'
            source '$zsh' || exit 9
            emulate sh
            COMP_WORDS=(${['pgrunbook', *line].collect { "'$it'" }.join(' ')})
            COMP_CWORD=${line.size()}
            setopt ksharrays
            _pgrunbook_spaced
            printf '%s|\\n' "\${COMPREPLY[@]}"
            """.toString()).directory(folder.toFile()).redirectErrorStream(true)
        process.environment().putAll([PGRUNBOOK_STATE: folder.resolve('state').toString(), PGRUNBOOK_INVENTORY: 'inventory.yml'])

        expect: 'zsh itself leaves out what does not begin so'
        process.start().inputReader().readLines().findAll { it.startsWith(line.last()) }.toSet() == expected as Set

        where:
        line                                              || expected
        ['unlock', 'orders', '']                          || ['backup |', 'roles |', 'wal |']
        ['run', 'my/gr']                                  || ['my/greet |']
        ['run', 'my/greet', 'orders', '-p', 'o']          || ['others=|']
        ['run', 'my/greet', 'orders', '-p', 'others=pg']  || ['others=pg1 |', 'others=pg2 |']
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
