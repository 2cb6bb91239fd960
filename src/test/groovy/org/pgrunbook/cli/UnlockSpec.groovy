package org.pgrunbook.cli

import org.pgrunbook.Secrets
import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.SettableTime
import org.pgrunbook.fixtures.SshHost
import org.pgrunbook.inventory.InventoryReader
import org.pgrunbook.journal.State
import org.pgrunbook.runbook.Answers
import org.pgrunbook.runbook.Engine
import org.pgrunbook.runbook.HeldLock
import org.pgrunbook.runbook.Origin
import org.pgrunbook.sandbox.S3Server
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.TempDir
import spock.util.concurrent.PollingConditions

import java.nio.file.Files
import java.nio.file.Path

/** Real processes on two machines, which are two state folders, and one bucket between them. */
class UnlockSpec extends Specification {
    @Shared @TempDir Path shared
    @Shared @AutoCleanup SshHost host
    @Shared @AutoCleanup S3Server server

    @TempDir Path folder

    Cli here
    Cli there
    Process run

    final PollingConditions soon = new PollingConditions(timeout: 180, delay: 0.05)

    def setupSpec() {
        host = SshHost.mina(shared)
        shared.resolve('access').toFile().text = 'AKIDEXAMPLE'
        shared.resolve('secret').toFile().text = 'wJalrXUtnFEMI'
        Files.createDirectories(shared.resolve('buckets/acme'))
        server = new S3Server(shared.resolve('buckets'), 'AKIDEXAMPLE', 'wJalrXUtnFEMI', 0).start()
    }

    def setup() {
        here = machine('here', server.uri())
        there = machine('there', server.uri())
        folder.resolve('acts.groovy').toFile().text = """\
            @Target Cluster cluster
            def node = cluster.node('pg1')
            lock cluster.roles
            confirm cluster, 'Act?'
            step('act') { pointOfNoReturn { node.ssh.run('touch', '$folder/acted').exit() } }
            step('wait') { waitUntil('it is told to', 1.hours) { node.ssh.read('sh', '-c', 'ls $folder').text().contains('go') } }
            step('act again') { node.ssh.run('touch', '$folder/acted-again').exit() }
            """.stripIndent()
        folder.resolve('locks.groovy').toFile().text = '@Target Cluster cluster\nlock cluster.roles\nnote "got it"\n'
    }

    def cleanup() {
        run?.destroyForcibly()?.waitFor()
        shared.resolve('buckets/acme/prod').toFile().deleteDir()
    }

    def "a responder's machine that was suspended past the life of its lock, and is woken, does not act"() {
        given:
        begin()

        when: 'it is suspended, and another responder takes its lock away after having watched for long enough'
        signal('STOP')
        def left = HeldLock.of(observer(), 'demo', ['roles'])
        HeldLock.watch(left, clock)
        left*.takeAway()

        and: 'takes the lock, and gives it back'
        def other = there.run('run', folder.resolve('locks.groovy'), 'demo')

        and: 'it is woken'
        Files.createFile(folder.resolve('go'))
        signal('CONT')

        then:
        run.waitFor() == 1
        other.exit == 0
        said() =~ /(?m)^error: lock "demo.roles" was lost: it went to run \S+ of \S+ on \S+ \(process \d+\) meanwhile$/
        said() =~ /(?m)^HINT: Another may have gone on from here: look at the cluster before anything else\.$/
        Files.exists(folder.resolve('acted'))
        !Files.exists(folder.resolve('acted-again'))

        cleanup:
        left*.close()
    }

    def "a run that was killed leaves its lock to itself: it goes on at once, on another machine it is in the way"() {
        given:
        begin()
        run.destroyForcibly().waitFor()
        Files.createFile(folder.resolve('go'))

        when:
        def other = there.run('run', folder.resolve('locks.groovy'), 'demo')
        def resumed = here.run('resume', 'last', '--confirm=demo')

        then:
        other.exit == 4
        other.err =~ /^error: lock "demo.roles" is held by run \S+ of \S+ on \S+ \(process ${run.pid()}\) since \S+, for ".*acts.groovy"\nHINT: /
        resumed.exit == 0
        resumed.out =~ /lock "demo.roles" was left by run \S+ .* which is dead: taken back/
        Files.exists(folder.resolve('acted-again'))
        there.run('run', folder.resolve('locks.groovy'), 'demo').exit == 0
    }

    def "unlock shows who holds a lock, and leaves it to a run that is alive"() {
        given:
        begin()

        when:
        def fromThere = there.run('unlock', 'demo', '--confirm=demo')
        def fromHere = here.run('unlock', 'demo', 'roles', '--confirm=demo')

        then:
        [fromThere, fromHere].each {
            assert it.exit == 3
            assert it.out =~ /(?m)^demo\.roles +\S+ .*acts\.groovy .* ${run.pid()} /
            assert it.err =~ /(?m)^error: lock "demo.roles" is not taken away: run \S+ of \S+ on \S+ \(process ${run.pid()}\) is alive$/
            assert it.err =~ /(?m)^HINT: Stop that run, with Ctrl-C or by 'kill -INT ${run.pid()}' on \S+: it gives the lock back itself\.$/
        }

        when: 'it is told to stop'
        signal('INT')
        run.waitFor()

        then: 'it has given the lock back'
        there.run('unlock', 'demo').out == 'no such lock of "demo" is held\n'
    }

    def "unlock takes a lock from a run that is dead, once the cluster's name was typed"() {
        given:
        begin()
        run.destroyForcibly().waitFor()

        when:
        def unasked = here.run('unlock', 'demo')
        def wrong = here.run('unlock', 'demo', '--confirm=other')
        def unlocked = here.run('unlock', 'demo', '--confirm=demo')

        then:
        unasked.exit == 3
        unasked.err.contains('HINT: Give --confirm=demo to agree beforehand.')
        wrong.exit == 3
        unlocked.exit == 0
        unlocked.out.readLines().last() == 'unlocked demo.roles'
        there.run('run', folder.resolve('locks.groovy'), 'demo').exit == 0
    }

    def "what unlock cannot do it says: #arguments"() {
        when:
        def result = here.run('unlock', *arguments)

        then:
        result.exit == 2
        result.err.startsWith(error)

        where:
        arguments         || error
        ['nowhere']       || 'error: cluster "nowhere" is not in the inventory'
        ['demo', 'rolls'] || 'error: '
        []                || 'error: '
    }

    def "with the S3 server down a run refuses with 5 and names the option that goes on with the lock of this machine"() {
        given:
        def server = new S3Server(shared.resolve('buckets'), 'AKIDEXAMPLE', 'wJalrXUtnFEMI', 0).start()
        def cut = machine('cut', server.uri())
        server.close()

        when:
        def refused = cut.run('run', folder.resolve('locks.groovy'), 'demo')
        def unconfirmed = cut.run('run', folder.resolve('locks.groovy'), 'demo', '--without-lock', '--yes')
        def agreed = cut.run('run', folder.resolve('locks.groovy'), 'demo', '--without-lock', '--confirm=demo')

        then:
        refused.exit == 5
        refused.err =~ /^error: bucket "acme" at \S+ does not accept connections\n/
        refused.err =~ /(?m)^HINT: Lock "demo.roles" is in there\. If it cannot wait, .*--without-lock\.$/
        refused.err =~ /(?m)^state: nothing was changed$/
        unconfirmed.exit == 3
        agreed.exit == 0
        agreed.out =~ /goes on without lock "demo.roles" of the repository: bucket "acme" /
        agreed.out =~ /lock demo.roles, on this machine only/
        agreed.out =~ /got it/
        here.run('unlock', 'demo').exit == 0
        cut.run('unlock', 'demo').exit == 5
    }

    private final SettableTime clock = new SettableTime()

    /** Somebody on the other machine whose time passes faster than ours. */
    private Engine observer() {
        def state = new State(Path.of(there.environment.PGRUNBOOK_STATE))
        def inventory = InventoryReader.read(InventoryReader.locate(Optional.empty(), there.environment, folder))
        def agrees = { question, name -> new Answers.Answer(name.get() == 'demo', 'test') } as Answers
        new Engine(inventory, state, clock, new Secrets(), [], agrees, Origin.of([], 'test'))
    }

    /** Lets a run here act once, and wait with its lock. */
    private void begin() {
        run = here.start(folder.resolve('said'), ['-Xmx256m'], 'run', folder.resolve('acts.groovy'), 'demo', '--confirm=demo')
        soon.eventually { assert said().contains('> wait') || !run.alive }
        assert run.alive: said()
    }

    private String said() {
        folder.resolve('said').toFile().text
    }

    private void signal(String name) {
        assert new ProcessBuilder('kill', "-$name", run.pid().toString()).start().waitFor() == 0
    }

    private Cli machine(String name, URI endpoint) {
        def inventory = folder.resolve("${name}.yml")
        inventory.toFile().text = """\
            repositories:
              main:
                s3: { bucket: acme, prefix: prod, endpoint: "$endpoint", pathStyle: true, accessKey: { file: $shared/access }, secretKey: { file: $shared/secret } }
            clusters:
              demo:
                repository: main
                nodes:
                  pg1:
                    host: 127.0.0.1
                    role: primary
                    ssh: { port: $host.port, user: ${System.getProperty('user.name')}, identity: $host.home/.ssh/id_ed25519, knownHosts: $host.home/.ssh/known_hosts }
            """.stripIndent()
        new Cli(Files.createDirectories(folder.resolve(name)), inventory)
    }
}
