package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.inventory.Inventory
import org.pgrunbook.journal.Event
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Path

/** Runs that ask before each step, and runs that begin with a later one. */
class ByStepSpec extends Specification {
    static final RUNBOOK = '''
        @Target Cluster cluster
        confirm 'Really?'
        step('first') { note 'first done' }
        step('second') {
            step('inner') { note 'inner done' }
            note 'second done'
        }
        def value = step('third') { note 'third done'; 42 }
        step('fourth') { note "fourth done with $value" }
        '''

    @TempDir Path folder

    @Delegate Bench bench
    List<String> asked = []

    def setup() {
        bench = new Bench(folder)
        bench.inventory = new Inventory([:], [demo: Bench.clusterSpec('demo', 2)], [], [], '')
        bench.answers = { question, name -> asked << "$question ${name.orElse('-')}".toString(); new Answers.Answer(true, 'test') } as Answers
    }

    def "--step asks before each step, also before those inside of others"() {
        given:
        def person = { question, name -> asked << question; new Answers.Answer(true, 'test') } as Answers

        when:
        def result = run(RUNBOOK, 'demo') { it.asking(person) }

        then:
        result.exit() == Exit.DONE
        asked == ['Really? -', 'Go on with step "first"?', 'Go on with step "second"?', 'Go on with step "second/inner"?',
            'Go on with step "third"?', 'Go on with step "fourth"?']
        notes.last() == 'fourth done with 42'
    }

    def "without a yes it stops there"() {
        given:
        def person = { question, name -> new Answers.Answer(!question.contains('second'), 'test') } as Answers

        when:
        def result = run(RUNBOOK, 'demo') { it.asking(person) }

        then:
        result.exit() == Exit.REFUSED
        result.problem().get().fact() == 'not confirmed: Go on with step "second"?'
        notes == ['first done']
    }

    def "--from leaves out the steps before, after they were named and the target's name was given"() {
        when:
        def result = run(RUNBOOK, 'demo') { it.from('third') }

        then:
        result.exit() == Exit.DONE
        asked.first() == 'Begin with step "third"? These are not done, and nobody looks whether they were: first; second. demo'
        notes == ['third done', 'fourth done with 42']
        events(Event.StepReused)*.why() == ['taken as done by hand'] * 2
    }

    def "--from refuses where a value is needed that a step before would return, and names the step"() {
        when:
        def result = run(RUNBOOK, 'demo') { it.from('fourth') }

        then:
        result.exit() == Exit.REFUSED
        result.problem().get().fact() == 'what step "third" returns is needed later on'
        notes == []
        asked == []
    }

    def "--from with a step that does not exist says which was meant"() {
        when:
        def result = run(RUNBOOK, 'demo') { it.from('secnd') }

        then:
        result.exit() == Exit.USAGE
        result.problem().get().fact() == 'there is no step "secnd" to begin with'
        result.problem().get().hints().first() == 'Did you mean "second"?'
    }

    def "a step's value is used where it is assigned, passed on, or the value of a closure: #text"() {
        expect:
        Compiler.beginning(source(text)).used() == used

        where:
        text                                                          || used
        "step('a') { 1 }"                                             || []
        "def x = step('a') { 1 }"                                     || ['a']
        "note step('a') { 1 }"                                        || ['a']
        "[1, 2].each { step('a') { 1 } }"                             || ['a']
        "if (true) { step('a') { 1 } }\nnote 'x'"                     || []
        "step('a') { def x = step('inner') { 1 } }"                   || []
        "return step('a') { 1 }"                                      || ['a']
    }
}
