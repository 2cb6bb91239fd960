package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.fixtures.SshHost
import org.pgrunbook.inventory.ClusterSpec
import org.pgrunbook.inventory.Control
import org.pgrunbook.inventory.Inventory
import org.pgrunbook.inventory.NodeSpec
import org.pgrunbook.journal.Event
import org.pgrunbook.journal.Json
import org.pgrunbook.journal.Listener
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

/** One thing done on a hundred hosts: a hundred names of one OpenSSH server, each with a connection of its own. */
@Requires(value = { Files.exists(SshHost.SSHD) }, reason = 'there is no /usr/sbin/sshd')
class FanOutSpec extends Specification {
    static final int HOSTS = 100

    @Shared @TempDir Path shared
    @Shared @AutoCleanup SshHost host
    @TempDir Path folder

    @Delegate Bench bench

    def setupSpec() {
        host = SshHost.openssh(shared)
    }

    def setup() {
        bench = new Bench(folder)
        bench.inventory = new Inventory([:], [many: cluster('many', HOSTS)], [], [], '')
    }

    def "a hundred hosts answer in the order of the inventory, over one login each, however much they are asked"() {
        given:
        def before = logins()

        when:
        run('''
            @Target Cluster cluster
            step('ask') { parallel(cluster.nodes, 20) { it.ssh.read('echo', it.name).text() } }
            step('ask again') { parallel(cluster.nodes, 20) { it.ssh.read('echo', it.name).text() } }
        ''', [:], 'many')

        then:
        events(Event.StepEnded)*.value() == [names(), names()]
        logins() - before == HOSTS
    }

    def "queries that follow one another are asked in one session"() {
        given:
        def server = EmbeddedPostgres.shared(18)
        bench.inventory = new Inventory([:], [one: cluster('one', 1, server)], [], [], '')

        when:
        run('''
            @Target Cluster cluster
            20.times { step("ask $it") { cluster.nodes.first().sql.value(Integer, 'select pg_backend_pid()') } }
        ''', [:], 'one')

        then:
        events(Event.StepEnded)*.value().size() == 20
        events(Event.StepEnded)*.value().toSet().size() == 1
    }

    def "of a hundred every one that failed is named with its reason, and all others were done"() {
        when:
        def result = run(FAILING, [:], 'many')

        then:
        result.exit() == Exit.FAILED
        result.problem().get().fact().readLines() == ['10 of 100 failed:'] + failing().collect {
            "  $it: \"sh -c 'echo bad >&2; exit 3'\" ended with exit status 3: bad".toString()
        }
        begun() == names() as Set
    }

    def "after so many failures no further host is begun, and those are named (#atOnce at once)"() {
        when:
        def result = run(FAILING, [stopAfter: '2', atOnce: atOnce as String], 'many')
        def lines = result.problem().get().fact().readLines()
        def failed = lines[1..-2]*.replaceFirst(/^  (\w+): .*/, '$1')
        def notBegun = lines.last().replaceFirst(/^  not begun: /, '').split(', ').toList()

        then:
        lines.first() == "${failed.size()} of 100 failed, ${notBegun.size()} were not begun:".toString()
        failed.size() >= 2
        failing().containsAll(failed)

        and: 'they are begun in their order, and what was begun has ended'
        notBegun == names().takeRight(notBegun.size())
        begun() == names() - notBegun as Set
        events(Event.OperationEnded).size() == HOSTS - notBegun.size()
        atOnce > 1 || failed == ['h010', 'h020'] && notBegun.first() == 'h021'

        where:
        atOnce << [1, 4]
    }

    def "what a command writes is told while it runs, with the name of its host and without secrets"() {
        given: 'commands that go on only when their first line was heard'
        def told = [].asSynchronized()
        def listener = { entry ->
            if (entry.event() instanceof Event.Wrote) {
                def wrote = entry.event() as Event.Wrote
                told << [entry.step(), wrote.node(), wrote.stream(), wrote.line()]
                folder.resolve("heard-${wrote.node().replace('/', '-')}").toFile().createNewFile()
            }
        } as Listener
        def engine = new Engine(inventory, state, time, secrets, [listener], answers, Origin.of([], 'test'))
        secrets.register('open sesame')
        def script = 'echo "$2: open sesame" >&2; until [ -e "$1" ]; do sleep 0.05; done; printf "a\\nno end"'

        when:
        def result = engine.run(new Engine.Request(source("""
            @Target Cluster cluster
            @Param(value = 'where they look', required = true) String folder
            step('listen') {
                parallel(cluster.nodes.take(2), 2) {
                    def heard = folder + '/heard-' + it.fullName().replace('/', '-')
                    it.ssh.run(Command.probeScript('$script', heard, it.name).aloud().timeout(60.seconds)).text()
                }
            }
        """), Optional.of('many'), [folder: folder.toString()]))

        then:
        result.exit() == Exit.DONE
        told.toSet() == ['h001', 'h002'].collectMany { [
            ['listen', "many/$it", Event.Wrote.Stream.STDERR, "$it: [secret]"],
            ['listen', "many/$it", Event.Wrote.Stream.STDOUT, 'a'],
            ['listen', "many/$it", Event.Wrote.Stream.STDOUT, 'no end']]
        }.collect { line -> line.collect { it instanceof GString ? it.toString() : it } }.toSet()
    }

    def "maintenance/command shows under each host's name what its command writes, the primary last"() {
        given:
        def cli = new Cli(folder.resolve('state'), inventoryFile())

        when:
        def run = cli.run('run', 'maintenance/command', 'few', '-p', "command=sh -c 'echo one; echo two >&2'", '--confirm=few')

        then:
        run.exit == 0
        run.err == ''
        run.out.readLines()*.strip().findAll { it =~ /^(pg\d|standby)\b.*\|/ }.sort() ==
            ['pg1    | one', 'pg1    | two', 'pg3    | one', 'pg3    | two', 'standby| one', 'standby| two']
        run.out.readLines().takeWhile { !it.startsWith('> run it on pg1') }.every { !it.contains('pg1    |') }
        run.out.contains('it went well on 3 hosts')
    }

    def "maintenance/command is a change: without consent, and in a dry run, nothing is run"() {
        given:
        def cli = new Cli(folder.resolve('state'), inventoryFile())
        def mark = folder.resolve('mark')

        when:
        def unasked = cli.run('run', 'maintenance/command', 'few', '-p', "command=touch $mark")
        def dry = cli.run('run', 'maintenance/command', 'few', '-p', "command=touch $mark", '--dry-run')
        def probe = cli.run('run', 'maintenance/command', 'few', '-p', "command=touch $mark", '-p', 'readOnly=true')

        then:
        unasked.exit == 3
        dry.exit == 0
        dry.out.contains("would ssh few/pg1 touch $mark")
        probe.exit == 2
        probe.err.contains('a probe runs touch, which writes files')
        !Files.exists(mark)
    }

    def "maintenance/command stops before the primary when it fails on a standby"() {
        given:
        def cli = new Cli(folder.resolve('state'), inventoryFile())

        when:
        def run = cli.run('run', 'maintenance/command', 'few', '-p', "command=sh -c 'echo no; exit 4'", '-p', 'atOnce=1', '--confirm=few')

        then:
        run.exit == 1
        run.err.contains('1 of 2 failed, 1 was not begun:\n  standby: "sh -c \'echo no; exit 4\'" ended with exit status 4')
        run.err.contains('\n  not begun: pg3')
        !run.out.contains('pg1    |')

        when: 'it changes nothing'
        def look = cli.run('run', 'maintenance/command', 'few', '-p', "command=sh -c 'echo no; exit 4'", '-p', 'readOnly=true', '--json')
        def lines = look.out.readLines().collect { Json.object(it) }

        then: 'all are asked, and each line says whose it is'
        look.exit == 1
        lines.findAll { it.event == 'wrote' }.collect { [it.node, it.stream, it.line] }.sort() ==
            [['few/pg1', 'stdout', 'no'], ['few/pg3', 'stdout', 'no'], ['few/standby', 'stdout', 'no']]
    }

    def "no more are at work at once than was said"() {
        when:
        run('''
            def busy = new java.util.concurrent.atomic.AtomicInteger()
            def most = new java.util.concurrent.atomic.AtomicInteger()
            def all = new java.util.concurrent.CountDownLatch(3)
            parallel((1..30).toList(), 3) {
                most.accumulateAndGet(busy.incrementAndGet()) { a, b -> Math.max(a, b) }
                all.countDown()
                all.await()
                busy.decrementAndGet()
            }
            note most.get()
        ''')

        then: 'and not fewer: three have met'
        notes == ['3']
    }

    def "#what is no way to work: #call"() {
        when:
        def result = run("parallel([1, 2], $call) { it }")

        then:
        result.exit() == Exit.USAGE
        result.problem().get().fact() == fact

        where:
        what            | call   || fact
        'none at once'  | '0'    || '0 at once is none'
        'no failure'    | '2, 0' || 'to stop after 0 failures is not to begin'
    }

    /** Every tenth host fails. */
    static final String FAILING = '''
        @Target Cluster cluster
        @Param('a') Integer atOnce = 20
        @Param('b') Integer stopAfter = 1000
        parallel(cluster.nodes, atOnce, stopAfter) {
            it.name.endsWith('0') ? it.ssh.read('sh', '-c', 'echo bad >&2; exit 3') : it.ssh.read('true')
        }
    '''

    private static List<String> failing() {
        names().findAll { it.endsWith('0') }
    }

    private static List<String> names() {
        (1..HOSTS).collect { "h${"$it".padLeft(3, '0')}".toString() }
    }

    private Set<String> begun() {
        events(Event.OperationStarted)*.operation()*.node()*.replaceFirst('many/', '') as Set
    }

    /** Three nodes of which no server answers: the claims count. */
    private Path inventoryFile() {
        def file = folder.resolve('inventory.yml')
        file.toFile().text = """
            defaults:
              ssh: { port: $host.port, user: ${System.getProperty('user.name')}, identity: $host.home/.ssh/id_ed25519, knownHosts: $host.home/.ssh/known_hosts }
              sql: { port: 1, sslmode: disable }
            clusters:
              few:
                nodes:
                  pg1: { host: 127.0.0.1, role: primary }
                  standby: { host: 127.0.0.1, role: standby }
                  pg3: { host: 127.0.0.1, role: standby }
            """.stripIndent()
        file
    }

    /** As the server's own log has them. */
    private int logins() {
        shared.resolve('sshd.log').toFile().text.count('Accepted publickey')
    }

    private ClusterSpec cluster(String name, int hosts, EmbeddedPostgres server = null) {
        def ssh = host.settings(identity: host.home.resolve('.ssh/id_ed25519'), knownHosts: host.home.resolve('.ssh/known_hosts'))
        def sql = server ? server.settings() : Bench.nodeSpec(name, 'x').sql()
        def nodes = names().take(hosts).collectEntries {
            [it, new NodeSpec(name, it, '127.0.0.1', NodeSpec.Role.STANDBY, Optional.empty(), Optional.empty(), new Control.PgCtl(),
                Optional.empty(), 0, true, [], ssh, sql)]
        }
        new ClusterSpec(name, nodes, Optional.empty(), [], ClusterSpec.Hooks.NONE, Optional.empty(), new ClusterSpec.Protection([], []), [:], 'test:1:1')
    }
}
