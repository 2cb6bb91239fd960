package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Practice
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Timeout

import java.util.concurrent.TimeUnit

/** What holds for every playbook: its drill creates the incident for real, triage names it, the playbook solves it. */
@Timeout(300)
abstract class IncidentContract extends Specification {
    @Shared @AutoCleanup Practice practice = new Practice(DemoSandbox.up(major))

    /** Of the servers. */
    final int getMajor() {
        Integer.getInteger('pgrunbook.incidentsOn', usualMajor)
    }

    /** Of the servers, if nobody wants another. */
    int getUsualMajor() {
        18
    }

    /**
     * The incidents: each one's name, the node that triage names, the one whose name confirms, what to act on, how the
     * finding reads.
     */
    abstract List<List> incidents()

    /** What a playbook that only looks must not change. */
    abstract List<Object> state()

    /** What a drill is told. */
    List<String> drillParameters(String incident) {
        []
    }

    /** What there has to be before an incident begins. */
    void prepare(String incident) {}

    def "#incident is named first by triage, looked at by warning and solved by critical, with nobody else touched"() {
        given:
        prepare(incident)
        def untouchable = practice.untouchable()
        def drill = practice.drill(incident, *drillParameters(incident))

        when:
        def first = practice.triageNames(incident)
        def unchanged = state()
        def looked = practice.demo.cli.run('run', "incident/$incident", 'demo', *on(node))

        then: 'warning only looks, says what it found, and names the next command'
        first.contains("pgrunbook run incident/$incident demo -p node=$node")
        looked.exit == 0
        looked.out.contains("pgrunbook run incident/$incident demo -p node=$node -p severity=critical")
        looked.out =~ finding
        state() == unchanged
        !drill.done

        when: 'nobody says what to act on, or nobody agrees'
        def unnamed = choice ? critical(incident, node, "--confirm=demo/$confirmed") : null
        def unconfirmed = critical(incident, node, *choice, '--yes')

        then:
        !unnamed || unnamed.exit == 3 && unnamed.err.startsWith('error: nothing says ')
        unconfirmed.exit == 3
        unconfirmed.err.contains("--confirm=demo/$confirmed")
        state() == unchanged

        when:
        def acted = critical(incident, node, *choice, "--confirm=demo/$confirmed")

        then: 'it is solved, which ends the drill'
        acted.exit == 0
        with(drill.get(60, TimeUnit.SECONDS)) {
            exit == 0
            out.contains('from incident to solution: ')
        }
        untouchable.findAll { !it.endsWith(" $node") } == practice.untouchable().findAll { !it.endsWith(" $node") }
        untouchable.size() == 5

        where:
        [incident, node, confirmed, choice, finding] << incidents()
    }

    Cli.Result critical(String incident, String node, String... more) {
        practice.demo.cli.run('run', "incident/$incident", 'demo', *on(node), '-p', 'severity=critical', *more)
    }

    private static List<String> on(String node) {
        node == 'pg1' ? [] : ['-p', "node=$node".toString()]
    }
}
