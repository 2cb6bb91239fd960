package org.pgrunbook.testing

import org.pgrunbook.Exit
import spock.lang.*

/** The specification that docs/writing-runbooks.md shows, of the runbook that it begins with. */
class RestartSpec extends Specification {
    @Shared @AutoCleanup TestBed bed = TestBed.sandbox(Documented.project())

    def "a standby is restarted, and streams again"() {
        when:
        def run = bed.agreeing('demo/pg2').run('myteam/restart', 'demo/pg2')

        then:
        run.exit == Exit.DONE
        run.steps == ['make sure that it is a standby', 'restart it', 'wait until it streams again']
        run.changes.size() == 2
        bed.cluster('demo').node('pg2').postmaster.running
    }

    def "the primary is refused"() {
        when:
        def run = bed.run('myteam/restart', 'demo/pg1')

        then:
        run.exit == Exit.REFUSED
        run.error == 'pg1 takes writes'
        run.changes == []
    }

    def "somebody is asked first"() {
        expect:
        bed.run('myteam/restart', 'demo/pg3').exit == Exit.REFUSED
    }

    def "a dry run says what would be done"() {
        when:
        def run = bed.dryRun('myteam/restart', 'demo/pg3', patience: '10s')

        then:
        run.exit == Exit.DONE
        run.changes.every { it.startsWith('ssh demo/pg3 ') }
        run.forecast.any { it.contains('Restart pg3?') }
        run.forecast.contains('wait until pg3 receives WAL, 10.0 s at most')
    }
}
