package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.inventory.Inventory
import org.pgrunbook.journal.Event
import org.pgrunbook.journal.Operation
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Path

/** What the words mean in a dry run. No host is ever reached: what is only described needs none. */
class DryLanguageSpec extends Specification {
    @TempDir Path folder

    @Delegate Bench bench

    def setup() {
        bench = new Bench(folder)
        bench.inventory = new Inventory([:], [demo: Bench.clusterSpec('demo', 2)], [], [], '')
    }

    def "a change is described with its node and exact text, without secrets, and answers what its verb assumes"() {
        given:
        secrets.register('hunter2')

        when:
        def result = dryRun("""
            @Target Node node
            def out = step('change it') { node.ssh.run('touch', 'a b', 'hunter2').exit() }
            step('and again') { node.sql.execute('alter system set work_mem = ?', '4MB') }
            """, 'demo/pg1')

        then:
        result.exit() == Exit.DONE
        events(Event.OperationStarted) == []
        events(Event.OperationEnded).every { it.outcome() == Event.Outcome.DESCRIBED }
        events(Event.OperationEnded)*.operation()*.text() == ["touch 'a b' [secret]", "alter system set work_mem = ? -- ['4MB']"]
        events(Event.StepEnded)*.value() == [0, 0]
        forecast.changes()*.step() == ['change it', 'and again']
        forecast.changes()*.operation()*.wire() == [Operation.Wire.SSH, Operation.Wire.SQL]
        forecast.unforeseen() == []
    }

    def "a refusal before any change is decided, one after a described change is reported"() {
        when:
        def before = dryRun("refuseIf true, 'never'\nnote 'on'")
        def after = dryRun("""
            @Target Node node
            step('change it') { node.ssh.run('touch', 'a').exit() }
            refuseIf true, 'it is so before'
            refuseIf false, 'it is not'
            step('go on') { }
            """, 'demo/pg1')

        then:
        before.exit() == Exit.REFUSED
        before.problem().get().state().get() == 'nothing was changed'
        after.exit() == Exit.DONE
        forecast.unforeseen() == ['whether it is refused then: it is so before']
        wouldBe == ['be refused, if it is still so then: it is so before']
    }

    def "a step that fails after a described change cannot be foreseen, nor what comes after it"() {
        when:
        def result = dryRun("""
            @Target Node node
            step('change it') { node.ssh.run('touch', 'a').exit() }
            step('look at it') { node.ssh.read('cat', 'a').text() }
            step("copy \${node.name}") { }
            """, 'demo/pg1')

        then:
        result.exit() == Exit.DONE
        events(Event.StepEnded)*.outcome() == [Event.Outcome.DONE, Event.Outcome.UNFORESEEN]
        forecast.unforeseen().size() == 2
        forecast.unforeseen()[0].contains('step "look at it"')
        forecast.unforeseen()[1] == 'step "copy …": it comes after that'
    }

    def "a failure before any change ends a dry run as it would end the run"() {
        expect:
        dryRun("@Target Node node\nstep('look') { node.ssh.read('true').text() }", 'demo/pg1').exit() == Exit.UNREACHABLE
    }

    def "a wait is told and looked at once, questions are not asked, locks not taken, undo and always only told"() {
        when:
        def result = dryRun("""
            @Target Cluster cluster
            lock cluster.roles
            confirm cluster, 'Really?'
            undo('one') { note 'undone' }
            always('tidy') { note 'tidied' }
            int asked = 0
            waitUntil('pigs fly', 1.hours) { asked++; false }
            note asked
            """, 'demo')

        then:
        result.exit() == Exit.DONE
        wouldBe == ['lock demo.roles', 'ask, unless --confirm=demo was given: Really?', 'undo if it fails: one',
            'do at the end in any case: tidy', 'wait until pigs fly, 1 h at most']
        notes == ['1']
        events(Event.Confirmed) == []
        !folder.resolve('state/locks').toFile().exists()
    }

    def "a lock that another run holds is shown with its holder"() {
        given:
        bench.answers = { question, name ->
            dryRun("@Target Cluster c\nlock c.roles", 'demo')
            new Answers.Answer(true, 'test')
        } as Answers

        when:
        def outer = run("@Target Cluster c\nlock c.roles\nconfirm 'hold it'", [:], 'demo')

        then:
        outer.exit() == Exit.DONE
        forecast.unforeseen()[0].startsWith("lock \"demo.roles\" is held by run ${outer.run()} of ")
    }

    private Event.Forecast getForecast() {
        events(Event.Forecast).last()
    }

    private List<String> getWouldBe() {
        events(Event.Would)*.text()
    }
}
