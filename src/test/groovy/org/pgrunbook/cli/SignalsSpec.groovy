package org.pgrunbook.cli

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

/** What a run in a process of its own does when it is told to stop. */
class SignalsSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)
    final PollingConditions soon = new PollingConditions(timeout: 60, delay: 0.05)

    def "the first #signal stops cleanly: it undoes, says what state the cluster is in and what to type next, and ends with #status"() {
        given:
        def run = begin(signal, """
            @Target Cluster cluster
            undo('put it back') { note 'put back' }
            step('change something') { cluster.primary.ssh.run('sh', '-c', 'touch changed; sleep 1000').exit() }
            """)
        soon.eventually { assert  demo.home('pg1').resolve('changed').toFile().exists() }

        when:
        kill(signal, run)

        then:
        run.waitFor() == status
        def said = demo.folder.resolve(signal).toFile().text
        said.contains('put back')
        said =~ /(?m)^error: .* was interrupted$/
        said =~ /(?m)^HINT: .*pgrunbook log \S+\.$/
        said =~ /(?m)^HINT: .*pgrunbook resume \S+\.$/
        said =~ /(?m)^state: .*pg1 takes writes on timeline 1, pg2 is a standby on timeline 1, pg3 is a standby on timeline 1$/

        and: 'nothing of the command is left on the host'
        demo.processes('sleep') == []

        cleanup:
        demo.home('pg1').resolve('changed').toFile().delete()

        where:
        signal | status
        'INT'  | 130
        'TERM' | 143
    }

    def "the second #signal ends it at once, with what that leaves"() {
        given: 'an undo that does not end'
        def run = begin("second-$signal", """
            @Target Cluster cluster
            undo('put the first back') { note 'never' }
            undo('put the second back') { waitUntil('pigs fly', 1.hours) { false } }
            step('change something') { cluster.primary.ssh.run('touch', 'changed').exit() }
            step('wait') { waitUntil('it is told', 1.hours) { false } }
            """)
        soon.eventually { assert  text("second-$signal").contains('> wait') }
        kill(signal, run)
        soon.eventually { assert  text("second-$signal").contains('> undo: put the second back') }

        when:
        kill(signal, run)

        then:
        run.waitFor() == status
        def said = text("second-$signal")
        said.contains('error: stopped at once, in step "undo: put the second back"')
        said =~ /(?m)^HINT: .*pgrunbook resume \S+\.$/
        said =~ /(?m)^HINT: .*pgrunbook undo \S+\.$/
        said =~ /(?m)^state: not undone: put the second back; not undone: put the first back; /
        !said.contains('never')

        where:
        signal | status
        'INT'  | 130
        'TERM' | 143
    }

    def "the undo of a run that failed is followed by the state of the cluster, also of a node that is down and fenced, and of a spare that was touched"() {
        given:
        def runbook = demo.folder.resolve('fails.groovy').toFile()
        runbook.text = """
            @Target Cluster cluster
            def pg3 = cluster.node('pg3')
            step('stop a standby') { pg3.postmaster.stop(Postmaster.Stop.FAST, 30.seconds) }
            step('touch a spare') { cluster.node('pg4').ssh.run('true').exit() }
            refuseIf true, 'enough'
            """.stripIndent()

        when:
        def run = demo.cli.run('run', runbook, 'demo')

        then:
        run.exit == 1
        run.err =~ /(?m)^state: pg1 takes writes on timeline 1, pg2 is a standby on timeline 1, pg3 is down and fenced: it would start as a standby, spare pg4 is down$/

        cleanup:
        demo.start('pg3')
    }

    def "a failover that is told to stop before it has promoted anybody lets the old primary be started again"() {
        given: 'standbys that have something to apply, and readers for whom they wait with that'
        ['pg2', 'pg3'].each { demo.execute(it, 'alter system set max_standby_streaming_delay = -1', 'select pg_reload_conf()') }
        demo.execute('pg1', 'create table looked_at (id int)')
        demo.caughtUp('pg2', 'pg3')
        def readers = ['pg2', 'pg3'].collect { demo.connect(it) }
        readers.each {
            it.autoCommit = false
            it.createStatement().executeQuery('select * from looked_at')
        }
        demo.execute('pg1', 'drop table looked_at')
        ['pg2', 'pg3'].each { node -> soon.eventually { assert demo.ask(node, 'select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()') } }
        demo.sandbox.kill('pg1')
        def run = demo.start('failover', ['-Xmx256m'], 'run', 'replication/failover', 'demo', '-p', 'maxLoss=16MB', '--confirm=demo')
        soon.eventually { assert text('failover').contains('> wait until the standby has applied what it received') }

        when:
        kill('TERM', run)

        then:
        run.waitFor() == 143
        text('failover').contains('> undo: let pg1 be started again')
        text('failover') =~ /(?m)^HINT: .*pgrunbook resume \S+\.$/
        text('failover') =~ /(?m)^state: .*pg1 is down and not fenced, pg2 is a standby on timeline 1, pg3 is a standby on timeline 1/

        when:
        demo.start('pg1')

        then:
        demo.ask('pg1', 'select pg_is_in_recovery()') == false

        cleanup:
        readers*.close()
    }

    def "an interrupted promotion is told when it is over: the server goes on with it"() {
        given: 'a standby that takes a while to become a primary'
        demo.execute('pg2', "alter system set recovery_end_command = 'sleep 3'", 'select pg_reload_conf()')
        soon.eventually { assert demo.ask('pg2', "select current_setting('recovery_end_command')") == 'sleep 3' }
        def run = begin('promotion', """
            @Target Cluster cluster
            step('promote') { pointOfNoReturn { cluster.node('pg2').promote(60.seconds) } }
            """)
        soon.eventually { assert demo.processes('sleep') != [] }

        when:
        kill('INT', run)

        then:
        run.waitFor() == 130
        text('promotion') =~ /(?m)^state: pg2 was promoted all the same; pg1 takes writes on timeline 1, pg2 takes writes on timeline 2, pg3 /
    }

    private Process begin(String name, String text) {
        def runbook = demo.folder.resolve("${name}.groovy").toFile()
        runbook.text = text.stripIndent()
        demo.start(name, ['-Xmx256m'], 'run', runbook, 'demo')
    }

    private String text(String name) {
        demo.folder.resolve(name).toFile().text
    }

    private static void kill(String signal, Process process) {
        new ProcessBuilder('kill', "-$signal", process.pid().toString()).start().waitFor()
    }
}
