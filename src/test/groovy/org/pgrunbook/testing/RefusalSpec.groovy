package org.pgrunbook.testing

import org.pgrunbook.Exit
import spock.lang.*

/** The specification that docs/writing-runbooks.md shows for recorded answers. */
class RefusalSpec extends Specification {
    @AutoCleanup TestBed bed = TestBed.recorded(Documented.project(), 'orders', 'pg1', 'pg2')

    def "a standby that takes writes after all is refused"() {
        given:
        bed.on('orders/pg2').sql(~/pg_is_in_recovery/).answers(false)

        when:
        def run = bed.run('myteam/restart', 'orders/pg2')

        then:
        run.exit == Exit.REFUSED
        run.error == 'pg2 takes writes'
    }
}
