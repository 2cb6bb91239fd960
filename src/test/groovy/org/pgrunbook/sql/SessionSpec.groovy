package org.pgrunbook.sql

import org.pgrunbook.Problem
import org.pgrunbook.fixtures.EmbeddedPostgres
import spock.lang.AutoCleanup
import spock.lang.Specification

class SessionSpec extends Specification {

    @AutoCleanup
    Sql sql

    def "P1: a backup is started and stopped in one session, on PostgreSQL #major"() {
        given:
        sql = EmbeddedPostgres.shared(major).sql()
        def session = sql.session()
        def pid = session.value('select pg_backend_pid()')

        when:
        session.execute('select pg_backup_start(?, true)', 'test')
        session.ping()
        def stopped = session.returning(Row.of([:]), 'select * from pg_backup_stop(false)')

        then:
        stopped.columns() == ['lsn', 'labelfile', 'spcmapfile']
        stopped.text('labelfile').contains('LABEL: test\n')
        session.value('select pg_backend_pid()') == pid

        cleanup:
        session?.close()

        where:
        major << [15, 16, 17, 18]
    }

    def "P1: nothing that ends an idle or a long session is in force"() {
        given:
        sql = EmbeddedPostgres.shared(18).sql()
        def session = sql.session()

        expect:
        session.value('show statement_timeout') == '0'
        session.value('show idle_session_timeout') == '0'

        cleanup:
        session.close()
    }

    def "P1: a session that is lost is never opened again"() {
        given:
        sql = EmbeddedPostgres.shared(18).sql()
        def session = sql.session()
        sql.execute('select pg_terminate_backend(?, 5000)', session.value('select pg_backend_pid()'))

        when:
        session.ping()

        then:
        def lost = thrown(Problem)
        lost.fact() == 'the session was lost'

        when:
        session.execute('select 1')

        then:
        def again = thrown(Problem)
        again.fact().startsWith('the connection was lost: ')
    }
}
