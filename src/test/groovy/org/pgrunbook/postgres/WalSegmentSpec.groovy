package org.pgrunbook.postgres

import org.pgrunbook.DataSize
import org.pgrunbook.fixtures.EmbeddedPostgres
import spock.lang.Specification

class WalSegmentSpec extends Specification {
    private static final DataSize MB16 = DataSize.parse('16MB')

    def "#lsn of timeline #timeline is in #name with segments of #size"() {
        given:
        def segment = WalSegment.containing(Lsn.parse(lsn), timeline, DataSize.parse(size))

        expect:
        segment.name() == name
        WalFile.of(name).get().segment(DataSize.parse(size)).get() == segment

        where:
        lsn                 | timeline | size   || name
        '0/3000060'         | 1        | '16MB' || '000000010000000000000003'
        '0/3000000'         | 1        | '16MB' || '000000010000000000000003'
        '0/FFFFFFFF'        | 10       | '16MB' || '0000000A00000000000000FF'
        '1/0'               | 1        | '16MB' || '000000010000000100000000'
        'FFFFFFFF/FFFFFFFF' | 1        | '16MB' || '00000001FFFFFFFF000000FF'
        '1/80000000'        | 1        | '1GB'  || '000000010000000100000002'
        '1/80000000'        | 1        | '1MB'  || '000000010000000100000800'
    }

    def "P18: WAL up to #stop ends in segment #name"() {
        expect:
        WalSegment.endingAt(Lsn.parse(stop), 1, MB16).name() == name

        where:
        stop        || name
        '0/3FFFFFF' || '000000010000000000000003'
        '0/4000000' || '000000010000000000000003'
        '0/4000001' || '000000010000000000000004'
    }

    def "P18: PostgreSQL #major calls the segment at a boundary #name, so we do not ask it"() {
        given:
        def sql = EmbeddedPostgres.shared(major).sql()

        expect:
        sql.value('select pg_walfile_name(?)', '0/4000000') == name

        cleanup:
        sql.close()

        where:
        major || name
        15    || '000000010000000000000003'
        16    || '000000010000000000000003'
        17    || '000000010000000000000004'
        18    || '000000010000000000000004'
    }

    def "from #start up to #stop there are #numbers"() {
        expect:
        WalSegment.range(Lsn.parse(start), Lsn.parse(stop), 1, MB16)*.number() == numbers

        where:
        start       | stop        || numbers
        '0/3000060' | '0/3000100' || [3]
        '0/3000060' | '0/4000000' || [3]
        '0/3000060' | '0/4000001' || [3, 4]
        '0/4000000' | '0/6000028' || [4, 5, 6]
        '0/4000000' | '0/4000000' || []
        '0/4000000' | '0/3000000' || []
    }

    def "a segment begins where the one before it ends"() {
        given:
        def segment = WalSegment.containing(Lsn.parse('0/3000060'), 1, MB16)

        expect:
        segment.start() == Lsn.parse('0/3000000')
        segment.end() == segment.next().start()
        segment < segment.next()
        segment.next() < WalSegment.containing(Lsn.NONE, 2, MB16)
    }

    def "#name is #kind"() {
        expect:
        WalFile.of(name).map { it.kind() }.orElse(null) == kind

        where:
        name                                       || kind
        '000000010000000000000003'                 || WalFile.Kind.SEGMENT
        '000000010000000000000003.partial'         || WalFile.Kind.PARTIAL
        '000000010000000000000003.00000028.backup' || WalFile.Kind.BACKUP
        '00000002.history'                         || WalFile.Kind.HISTORY
        '00000001000000000000000'                  || null
        '00000001000000000000000g'                 || null
        '000000010000000000000003.gz'              || null
        'archive_status'                           || null
    }
}
