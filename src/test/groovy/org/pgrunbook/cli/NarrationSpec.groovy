package org.pgrunbook.cli

import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.Secrets
import org.pgrunbook.fixtures.SettableTime
import org.pgrunbook.journal.Event
import org.pgrunbook.journal.Journal
import org.pgrunbook.journal.Operation
import spock.lang.Specification

import java.nio.file.Path
import java.time.Duration

/** What a person sees of a run, told event by event on a clock that is set. */
class NarrationSpec extends Specification {
    static final Operation PROBE = Operation.probe(Operation.Wire.SQL, 'demo/pg1', 'select\n  1')
    static final Operation CHANGE = Operation.change(Operation.Wire.SSH, 'demo/pg1', 'rm -- spool/1')

    StringWriter out = new StringWriter()
    SettableTime time = new SettableTime()
    Narration narration
    Journal journal
    long operations = 0

    def setup() {
        narrate(Narration.Detail.CHANGES)
    }

    def "by default a change has a line, a probe has none"() {
        when:
        step('look') {
            operation(PROBE)
            operation(CHANGE)
        }

        then:
        lines() == ['> look', '  ssh   demo/pg1   rm -- spool/1  0 ms']
    }

    def "verbose, every operation has a line; with steps only, none has"() {
        given:
        narrate(detail)

        when:
        step('look') {
            operation(PROBE)
            operation(CHANGE)
        }

        then:
        lines().size() == expected

        where:
        detail                       || expected
        Narration.Detail.EVERYTHING  || 3
        Narration.Detail.STEPS       || 1
    }

    def "what commands write stands under the names of their hosts, aligned, and cannot move about on the screen"() {
        given:
        journal.tell(new Event.Used(['cluster demo': '1', 'node demo/pg1': '2', 'node demo/pg10': '3']))

        when:
        step('upgrade') {
            wrote('demo/pg1', 'reading lists')
            wrote('demo/pg10', '10%\r100% \u001b[2Jdone')
            wrote('demo/pg1', '')
        }

        then:
        lines() == ['> upgrade', '  pg1 | reading lists', '  pg10| 100% [2Jdone', '  pg1 |']
    }

    def "with nodes of two clusters a line says whose node it is"() {
        when:
        wrote('demo/pg1', 'a')
        wrote('orders/pg1', 'b')

        then:
        lines() == ['pg1| a', 'orders/pg1| b']
    }

    private void wrote(String node, String line) {
        journal.tell(new Event.Wrote(1, node, Event.Wrote.Stream.STDOUT, line))
    }

    def "a step that fails tells what led to it, and leaves the error to the end of the command"() {
        when:
        (1..7).each { i ->
            operation(Operation.probe(Operation.Wire.SQL, 'demo/pg1', "outside $i"))
        }
        step('look', 'no disk') {
            (1..7).each { i -> operation(Operation.probe(Operation.Wire.SQL, 'demo/pg1', "select $i")) }
        }
        journal.tell(Event.Ended.with(Exit.FAILED, Duration.ofSeconds(3), Optional.of(Problem.failed('no disk'))))

        then: 'the last five, and nothing of what came before the step'
        lines().findAll { it.contains('select') } == (3..7).collect { "  sql   demo/pg1   select $it  0 ms".toString() }
        lines()[0..1] == ['> look', '  before that:']
        lines().contains('x look failed after 2.0 s')
        !out.toString().contains('no disk')
    }

    def "an error that the runbook caught is told all the same"() {
        when:
        step('look', 'no disk') { }
        journal.tell(Event.Ended.with(Exit.DONE, Duration.ofSeconds(3), Optional.empty()))

        then:
        lines()[-2..-1] == ['step "look" failed: no disk', 'done in 3.0 s']
    }

    def "steps are indented by their parents, even if a name has a slash"() {
        when:
        step('copy a/b') { step('copy a/b/inner/most') { journal.note('hello\nthere') } }

        then:
        lines() == ['> copy a/b', '  > inner/most', '    hello', '    there']
    }

    def "a statement is fitted to the terminal's width, what the runbook says is not"() {
        when:
        operation(Operation.change(Operation.Wire.SQL, 'demo/pg1', 'select ' + 'x' * 300))
        journal.note('y' * 300)

        then:
        lines()[0].length() <= 100
        lines()[0].contains('x…')
        lines()[1].length() == 300
    }

    def "after 30 s of silence a line says what runs, for how long"() {
        given:
        journal.tell(new Event.StepStarted('wait'))
        journal.inside('wait') { journal.tell(new Event.OperationStarted(9, PROBE)) }

        when:
        90.times {
            time.sleep(Duration.ofSeconds(1))
            narration.stillWorking(time.now())
        }

        then:
        lines() == ['> wait'] + ['30.0 s', '1 min', '1 min 30 s'].collect { "  … wait, $it: demo/pg1 select 1, $it".toString() }
    }

    def "who is asked something is not told that it still works"() {
        given:
        narrate(Narration.Detail.CHANGES, true)
        journal.tell(new Event.StepStarted('wait'))
        narration.asking(true)

        when:
        time.sleep(Duration.ofSeconds(100))
        narration.stillWorking(time.now())

        then:
        !out.toString().contains('…')
    }

    def "a stream that passes two wires is counted once"() {
        when:
        journal.tell(new Event.StepStarted('copy'))
        stream(1, 100)

        then:
        heartbeat() == '  … copy, 50.0 s: 100 MB, 2 MB/s'
    }

    def "where the step knows how much work there is, the bar shows it though what travels is compressed"() {
        given:
        journal.tell(new Event.StepStarted('copy'))
        def through = journal.progressOf(1000L << 20)

        when: 'nothing tells yet how well it compresses'
        stream(1, 100)

        then:
        heartbeat() == '  … copy, 50.0 s: 100 MB, 2 MB/s, of 1000 MB uncompressed'

        when: 'a half is through, and another stream has begun'
        end(1, 100)
        through.accept(500L << 20)
        stream(3, 50)

        then:
        heartbeat() == '  … copy, 1 min 40 s: [##################......] 75%  750 MB of 1000 MB, 7.5 MB/s, 33.0 s left'

        when: 'it compresses worse than it was expected to'
        stream(3, 500)

        then:
        heartbeat().contains(' 99% ')
    }

    def "on a terminal the state of things is one line that fits and goes away"() {
        given:
        narrate(Narration.Detail.CHANGES, true)
        journal.tell(new Event.StepStarted('copy'))
        journal.progressOf(1000L << 20)

        when:
        stream(1, 100)
        journal.note('done')

        then:
        def redrawn = out.toString().split('\r\u001b\\[K').drop(1)
        redrawn[0] == '  … 100 MB, 2 MB/s, of 1000 MB uncompressed'
        redrawn[-1].readLines().first().contains('done')
        redrawn.every { it.readLines().first().length() < 100 }
    }

    private void narrate(Narration.Detail detail, boolean interactive = false) {
        out = new StringWriter()
        def terminal = new Terminal(new PrintWriter(out), new PrintWriter(new StringWriter()), Optional.empty(),
            [COLUMNS: '100', NO_COLOR: '1'], Path.of(''), Path.of(''), interactive)
        narration = new Narration(terminal, detail)
        journal = new Journal(time, new Secrets(), [narration])
    }

    private List<String> lines() {
        out.toString().readLines()
    }

    private String heartbeat() {
        narration.stillWorking(time.now())
        lines().last()
    }

    private void step(String name, String error = null, Closure<?> body) {
        journal.inside(name) {
            journal.tell(new Event.StepStarted(name))
            body()
            journal.tell(new Event.StepEnded(name, error ? Event.Outcome.FAILED : Event.Outcome.DONE,
                error ? Duration.ofSeconds(2) : Duration.ZERO, null, null, error))
        }
    }

    private void operation(Operation operation) {
        journal.tell(new Event.OperationStarted(++operations, operation))
        journal.tell(new Event.OperationEnded(operations, operation, Event.Outcome.DONE, Duration.ZERO, [:], null))
    }

    /** So many megabytes from a host into the store; the clock moves on by 50 s. */
    private void stream(long id, long megabytes) {
        journal.tell(new Event.OperationStarted(id, Operation.probe(Operation.Wire.SSH, 'demo/pg1', 'tar')))
        journal.tell(new Event.OperationStarted(id + 1, Operation.change(Operation.Wire.STORE, 'main', 'PUT x')))
        time.sleep(Duration.ofSeconds(50))
        [id, id + 1].each { journal.tell(new Event.Moved(it, megabytes << 20, 0)) }
    }

    private void end(long id, long megabytes) {
        journal.tell(new Event.OperationEnded(id + 1, Operation.change(Operation.Wire.STORE, 'main', 'PUT x'),
            Event.Outcome.DONE, Duration.ZERO, [bytes: megabytes << 20], null))
        journal.tell(new Event.OperationEnded(id, Operation.probe(Operation.Wire.SSH, 'demo/pg1', 'tar'),
            Event.Outcome.DONE, Duration.ZERO, [bytes: megabytes << 20], null))
    }
}
