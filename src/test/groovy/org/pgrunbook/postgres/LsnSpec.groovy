package org.pgrunbook.postgres

import org.pgrunbook.DataSize
import org.pgrunbook.fixtures.EmbeddedPostgres
import spock.lang.Specification

class LsnSpec extends Specification {

    def "#text is byte #value, and is written the same way"() {
        expect:
        Lsn.parse(text).value() == value
        Lsn.parse(text).toString() == text

        where:
        text                || value
        '0/0'               || 0
        '0/3000060'         || 0x3000060
        '1/0'               || 0x100000000L
        '16/B374D848'       || 0x16B374D848L
        'FFFFFFFF/FFFFFFFF' || -1
    }

    def "\"#text\" is no LSN"() {
        when:
        Lsn.parse(text)

        then:
        thrown(IllegalArgumentException)

        where:
        text << ['', '0', '0/', '/0', '0/G', '0/123456789', '-1/0', '0x1/0']
    }

    def "LSNs are ordered without a sign"() {
        given:
        def sorted = ['0/0', '0/FFFFFFFF', '1/0', '7FFFFFFF/FFFFFFFF', '80000000/0', 'FFFFFFFF/0'].collect { Lsn.parse(it) }

        expect:
        sorted.reverse().toSorted() == sorted
        Lsn.latest(sorted[3], sorted[4]) == sorted[4]
        Lsn.earliest(sorted[3], sorted[4]) == sorted[3]
        sorted[4].reaches(sorted[3])
        sorted[4].reaches(sorted[4])
        !sorted[3].reaches(sorted[4])
    }

    def "distances are those of PostgreSQL"() {
        given:
        def sql = EmbeddedPostgres.shared(18).sql()

        expect:
        sql.value("select pg_wal_lsn_diff('$late', '$early')") == Lsn.parse(late).minus(Lsn.parse(early)).bytes()
        Lsn.parse(early).plus(new DataSize(16 << 20)).toString() == sql.value("select '$early'::pg_lsn + 16777216")

        cleanup:
        sql.close()

        where:
        early       | late
        '0/3000060' | '1/0'
        '1/0'       | '0/3000060'
        '0/FFFFFFFF' | '80000000/0'
    }
}
