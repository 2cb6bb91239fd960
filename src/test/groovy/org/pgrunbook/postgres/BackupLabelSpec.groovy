package org.pgrunbook.postgres

import org.pgrunbook.Problem
import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.sandbox.Binaries
import org.pgrunbook.sql.Row
import spock.lang.Specification

class BackupLabelSpec extends Specification {

    def "P5: the label of PostgreSQL #major is understood, and kept as it is"() {
        given:
        def sql = EmbeddedPostgres.shared(major).sql()
        def session = sql.session()
        def start = session.returning(Row.of([:]), 'select pg_backup_start(?, true) as lsn', 'a  name: with (signs)')
        def text = session.returning(Row.of([:]), 'select * from pg_backup_stop(false)').text('labelfile')

        when:
        def label = BackupLabel.parse(text)

        then:
        label.text() == text
        label.start().toString() == start.lsn
        label.checkpoint() > label.start()
        label.timeline() == 1
        !label.fromStandby()
        label.label() == 'a  name: with (signs)'

        cleanup:
        session.close()
        sql.close()

        where:
        major << Binaries.MAJORS
    }

    def "P6: a label that lacks a line is no label"() {
        when:
        BackupLabel.parse('START WAL LOCATION: 0/3000028 (file 000000010000000000000003)\n')

        then:
        def problem = thrown(Problem)
        problem.fact() == 'backup_label has no line "CHECKPOINT LOCATION"'
    }
}
