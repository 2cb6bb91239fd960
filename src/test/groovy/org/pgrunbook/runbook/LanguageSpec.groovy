package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.fixtures.SettableTime
import org.pgrunbook.inventory.Inventory
import org.pgrunbook.journal.Event
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Path
import java.time.Duration

class LanguageSpec extends Specification {
    @TempDir Path folder

    @Delegate Bench bench

    def setup() {
        bench = new Bench(folder)
        bench.inventory = new Inventory([:], [demo: Bench.clusterSpec('demo', 3)], [], [], '')
    }

    def "a step returns the typed value of its body, and the journal keeps it"() {
        when:
        def result = run('''
            def size = step('measure') { 16.MB }
            note size.bytes() + 1
            def names = step('list') { ['a', 'b'] }
            note names.first().toUpperCase()
        ''')

        then:
        result.exit() == Exit.DONE
        notes == ['16777217', 'A']
        events(Event.StepEnded)*.value() == [new org.pgrunbook.DataSize(16 << 20), ['a', 'b']]
    }

    def "a parameter is a typed field with a default, and the command line sets it"() {
        given:
        def text = '''
            /** Test. */
            @Target Cluster cluster
            @Param('how much') DataSize maxLoss = 1.MB
            @Param('how long') Duration limit = 90.seconds
            @Param('which') Node standby
            @Param('which ones') List<Node> others
            @Param('when') Instant time

            note "$cluster $maxLoss $limit $standby $others $time"
        '''

        when:
        run(text, [:], 'demo')
        run(text, ['max-loss': '16MB', limit: '5min', standby: 'pg2', others: 'pg1,demo/pg3', time: '2026-03-29 02:30:00+02:00'], 'demo')

        then:
        notes == ['demo 1 MB PT1M30S null null null', 'demo 16 MB PT5M pg2 [pg1, pg3] 2026-03-29T00:30:00Z']
    }

    def "each value of a list has to be within the range, and an end of it is within"() {
        given:
        def text = '@Param(value = "x", min = "1s", max = "1min") List<Duration> waits\nnote waits'

        when:
        def within = run(text, [waits: '1s,60s'])
        def outside = run(text, [waits: '1s,2min'])

        then:
        within.exit() == Exit.DONE
        outside.exit() == Exit.USAGE
        outside.problem().get().fact() == 'parameter "waits" is 2min, which is more than 1min'
        notes == ['[PT1S, PT1M]']
    }

    def "a value that is none is told as such: #value"() {
        when:
        def result = run('@Param("x") Duration wait\nnote wait', [wait: value])

        then:
        result.exit() == Exit.USAGE
        result.problem().get().fact() == "parameter \"wait\" is no Duration but \"$value\""

        where:
        value << ['Pooh', '9999999999999999999s', '99999999999999999 days', '-5min']
    }

    def "the signature is read without executing anything"() {
        when:
        def source = source('''
            /**
             * Promote a standby.
             *
             * More about it.
             */
            @Target Cluster cluster
            @Param('largest loss') DataSize maxLoss = 0.MB
            @Param(value = 'why', required = true) String reason

            step('first') { throw new Error('executed') }
            def host = 'x'
            step("copy $host") { }
        ''')
        def signature = new Compiler().signature(source)

        then:
        source.summary() == 'Promote a standby.'
        signature.target().get().name() == 'cluster'
        signature.options()*.name() == ['maxLoss', 'reason']
        signature.options()*.type() == ['DataSize', 'String']
        signature.options()*.defaultText() == [Optional.of('0.MB'), Optional.empty()]
        signature.options()*.required() == [false, true]
        signature.steps() == ['first', 'copy …']
    }

    def "check reports all mistakes with line and column: #message"() {
        expect:
        new Compiler().check(source('\n' + text)).collect { it.place().replaceFirst('.*groovy:', '') + ' ' + it.message() } == mistakes

        where:
        text                                                || mistakes
        'note missing'                                      || ['2:6 "missing" is not declared']
        'nte 1'                                             || ['2:1 there is no word "nte"; did you mean "note"?']
        'note missing\nstp("x") { }\nInteger a = "b"'       || ['2:6 "missing" is not declared', '3:1 there is no word "stp"; did you mean "step"?', '4:13 cannot assign String to a variable of type Integer']
        '@Target Cluster c\nc.primry.stop()'                || ['3:3 a Cluster has no property "primry"']
        'step("a") { new Thread() }'                        || ['2:1 step "a" returns a Thread, which the journal cannot hold [step-value]']
        '@Target Node n\nn.sql.value("select pg_switch_wal()")' || ['3:7 a probe calls pg_switch_wal(), which changes something; use sql.execute, or sql.returning, for a change [probe-changes]']
        '@Target Node n\nn.sql.value(Long, "delete from t")'  || ['3:7 a probe begins with DELETE, which is no query; use sql.execute, or sql.returning, for a change [probe-changes]']
        '@Param("x") def y = 1'                             || ['2:1 a parameter has one name and a type, such as Integer count [parameter-type]']
        'if ('                                              || ["2:5 unexpected input: '<EOF>'"]
        message = mistakes.size() + ' in ' + text
    }

    def "a runbook may have the name of a type: #name"() {
        expect:
        run(source('@Target Cluster cluster\nstep("x") { note "$cluster" }', name), [:], 'demo').exit() == Exit.DONE
        notes == ['demo']

        where:
        name << ['long', 'Cluster', 'String', 'restart-now']
    }

    def "an import that an editor wants does no harm"() {
        when:
        def source = source('/** Say it. */\nimport org.pgrunbook.postgres.*\n\n@Target Cluster cluster\nnote cluster')

        then:
        new Compiler().check(source) == []
        source.summary() == 'Say it.'
        run(source, [:], 'demo').exit() == Exit.DONE
    }

    def "a step name that is there twice is an error"() {
        when:
        def result = run('2.times { step("again") { } }')

        then:
        result.exit() == Exit.USAGE
        result.problem().get().fact() == 'step "again" is there twice'
        result.problem().get().hints()
    }

    def "a bad parameter ends with 2 and says what was expected: #given"() {
        when:
        def result = run('''
            @Target Cluster cluster
            @Param('a') DataSize maxLoss
            @Param('b') Instant time
            @Param('c') Integer count
            @Param('d') Node node
            note 'never'
        ''', given, 'demo')

        then:
        result.exit() == Exit.USAGE
        result.problem().get().fact() == fact
        result.problem().get().hints().find { true } == hint
        notes == []

        where:
        given                          || fact                                                                                                        | hint
        [maxLos: '1']                  || 'there is no parameter "maxLos"'                                                                            | 'Did you mean "maxLoss"?'
        [maxLoss: 'much']              || 'parameter "maxLoss" is no DataSize but "much"'                                                             | '"much" is no size such as 16MB, 1.5GB or 0.'
        [time: '2026-03-29T02:30:00']  || 'parameter "time" is no instant with its offset, such as 2026-03-29T02:30:00+02:00 but "2026-03-29T02:30:00"' | 'Give it with -p time=VALUE: b.'
        [count: '1.5']                 || 'parameter "count" is no whole number but "1.5"'                                                            | 'Give it with -p count=VALUE: c.'
        [node: 'pg9']                  || 'node "pg9" is not in cluster "demo"'                                                                         | 'Did you mean "pg1"?'
        [node: 'other/pg1']            || 'cluster "other" is not in the inventory'                                                                         | 'Known are: demo.'
    }

    def "what failed is undone, the latest first, and what is always done is done"() {
        when:
        def result = run('''
            always('tidy') { note 'tidied' }
            undo('one') { note 'one undone' }
            undo('two') { note 'two undone' }
            step('break') { refuseIf true, 'enough' }
        ''')

        then:
        result.exit() == Exit.REFUSED
        notes == ['two undone', 'one undone', 'tidied']
        result.problem().get().where().get() == 'step "break", test:5'
        result.problem().get().state().get() == 'nothing was changed'
    }

    def "an undo is told what made it necessary"() {
        when:
        run('''
            undo('record it') { note "${it.exit()}: ${it.fact()}" }
            step('work') { refuseIf true, 'enough' }
        ''')

        then:
        notes == ['REFUSED: enough']
    }

    def "after the point of no return nothing is undone any more"() {
        when:
        run('''
            undo('one') { note 'one undone' }
            pointOfNoReturn { note 'done' }
            refuseIf true, 'enough'
        ''')

        then:
        notes == ['done']
    }

    def "an undo that fails too ends with 6"() {
        when:
        def result = run('''
            undo('one') { refuseIf true, 'cannot' }
            refuseIf true, 'enough'
        ''')

        then:
        result.exit() == Exit.UNKNOWN_STATE
        result.problem().get().fact() == 'enough; and the undo failed: cannot'
    }

    def "an undo that takes too long is given up, and the next one is still done"() {
        given:
        def undo = new Undo(Duration.ofMillis(100))
        def heard = new org.pgrunbook.fixtures.HeardRun()
        def done = []
        undo.onFailure('first') { done << 'first' }
        undo.onFailure('slow') { org.pgrunbook.Time.system().sleep(Duration.ofHours(1)) }

        when:
        def failure = undo.undo(heard.run, org.pgrunbook.Problem.failed('enough'))

        then:
        failure.get().fact() == '"undo: slow" took longer than 100 ms'
        failure.get().state().get() == 'it was given up'
        done == ['first']
        heard.heard*.event().findAll { it instanceof Event.StepEnded }*.outcome() == [Event.Outcome.FAILED, Event.Outcome.DONE]
    }

    def "parallel returns results in order, and names every failure"() {
        when:
        def result = run('''
            note parallel([3, 1, 2]) { it * 10 }
            parallel(['a', 'b', 'c']) { refuseIf it != 'b', "no $it" }
        ''')

        then:
        notes == ['[30, 10, 20]']
        result.problem().get().fact() == '2 of 3 failed:\n  a: no a\n  c: no c'
        result.exit() == Exit.REFUSED
    }

    def "#what fails the run like anything else, and what was begun is undone: #where"() {
        when:
        def result = run("undo('take back') { note 'taken back' }\n" + body.replace('FAIL', thrown))

        then:
        result.exit() == Exit.FAILED
        result.problem().get().fact().contains(fact)
        notes == ['taken back']
        events(Event.Ended).size() == 1

        where:
        [[what, thrown, fact], [where, body]] << [
            [['an assertion', 'assert 1 == 2', 'an assertion does not hold: assert 1 == 2'],
             ['a checked exception', 'throw new IOException("gone")', 'IOException: gone'],
             ['an error', 'throw new StackOverflowError()', 'StackOverflowError']],
            [['outside of steps', 'FAIL'],
             ['in a step', 'step("one") { FAIL }'],
             ['side by side', 'parallel([1]) { Integer it -> FAIL }']]].combinations()
    }

    def "runs that begin at the same moment have journals of their own"() {
        given:
        bench.time = new SettableTime()

        when:
        (1..20).collect { Thread.startVirtualThread { run("note 'here'") } }*.join()

        then:
        bench.state.runs().toFile().list().sort().first() == '20260301-014500-0000.jsonl'
        bench.state.runs().toFile().list().size() == 20
    }

    def "an undo whose assertion does not hold has not undone anything, and the run ends with 6"() {
        when:
        def result = run("undo('take back') { assert false }; refuseIf true, 'no'")

        then:
        result.exit() == Exit.UNKNOWN_STATE
    }

    def "confirm stops the run unless the answer is yes"() {
        given:
        bench.answers = { question, name -> new Answers.Answer(name.orElse('') == 'demo', 'test') } as Answers

        when:
        def asked = run("@Target Cluster c\nconfirm c, 'Really?'\nnote 'agreed'", [:], 'demo')
        def refused = run("confirm 'Really?'\nnote 'agreed'")

        then:
        asked.exit() == Exit.DONE
        refused.exit() == Exit.REFUSED
        notes == ['agreed']
        events(Event.Confirmed)*.agreed() == [true, false]
    }

    def "a lock that another run holds ends with 4 and names the holder"() {
        given:
        def inner
        bench.answers = { question, name ->
            inner = run("@Target Cluster c\nlock c.roles\nnote 'got it'", [:], 'demo')
            new Answers.Answer(true, 'test')
        } as Answers

        when:
        def outer = run("@Target Cluster c\nlock c.roles\nconfirm 'hold it'", [:], 'demo')
        def after = run("@Target Cluster c\nlock c.roles\nnote 'free'", [:], 'demo')

        then:
        inner.exit() == Exit.LOCKED
        inner.problem().get().fact().startsWith("lock \"demo.roles\" is held by run ${outer.run()} of ")
        outer.exit() == Exit.DONE
        after.exit() == Exit.DONE
        notes == ['free']
    }

    def "waitUntil returns the answer, or fails when the limit is over"() {
        given:
        bench.time = new org.pgrunbook.fixtures.SettableTime()

        when:
        def result = run('''
            int asked = 0
            note waitUntil('it is three', 10.seconds) { ++asked == 3 ? 'three' : null }
            waitUntil('pigs fly', 10.seconds) { false }
        ''')

        then:
        notes == ['three']
        result.problem().get().fact() == 'waited 10.0 s in vain until pigs fly'
        bench.time.slept >= Duration.ofSeconds(10)
    }

    def "a mistake in the runbook's own code is told with its line"() {
        when:
        def result = run('step("x") {\n  [].iterator().next()\n}')

        then:
        result.exit() == Exit.FAILED
        result.problem().get().where().get() == 'step "x", test:2'
    }
}
