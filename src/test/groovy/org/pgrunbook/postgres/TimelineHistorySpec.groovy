package org.pgrunbook.postgres

import java.nio.file.Files
import org.pgrunbook.DataSize
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.EmbeddedPostgres
import spock.lang.Specification

class TimelineHistorySpec extends Specification {
    private static final DataSize MB16 = DataSize.parse('16MB')

    def history = TimelineHistory.parse(4, '''\
        1\t0/5000100\tno recovery target specified

        # timeline 2 was abandoned
        3\t0/7000000\tbefore 2026-03-01 01:45:00+00
        '''.stripIndent())

    def "the byte at #lsn is of timeline #timeline"() {
        expect:
        history.timelineAt(Lsn.parse(lsn)) == timeline

        where:
        lsn         || timeline
        '0/0'       || 1
        '0/50000FF' || 1
        '0/5000100' || 3
        '0/6FFFFFF' || 3
        '0/7000000' || 4
        '9/0'       || 4
    }

    def "P38, P62: a server at #lsn of timeline #timeline #can go on along timeline 4"() {
        expect:
        history.contains(timeline, Lsn.parse(lsn)) == (can == 'can')

        where:
        timeline | lsn         || can
        1        | '0/3000000' || 'can'
        1        | '0/5000100' || 'can'
        1        | '0/5000101' || 'cannot'
        2        | '0/5000000' || 'cannot'
        3        | '0/7000000' || 'can'
        3        | '0/7000001' || 'cannot'
        4        | '0/9000000' || 'can'
        5        | '0/3000000' || 'cannot'
    }

    def "P38, P60: a recovery from #start of timeline #timeline to #stop reads #names"() {
        expect:
        history.segments(timeline, Lsn.parse(start), Lsn.parse(stop), MB16)*.name()*.replace('0000000000', '-') == names

        where:
        timeline | start       | stop        || names
        1        | '0/4000028' | '0/4000100' || ['00000001-000004']
        1        | '0/4000028' | '0/5000080' || ['00000001-000004', '00000001-000005']
        1        | '0/4000028' | '0/5000101' || ['00000001-000004', '00000003-000005']
        1        | '0/4000028' | '0/7000000' || ['00000001-000004', '00000003-000005', '00000003-000006']
        1        | '0/4000028' | '0/7000001' || ['00000001-000004', '00000003-000005', '00000003-000006', '00000004-000007']
        4        | '0/7000000' | '0/7000000' || []
    }

    def "P38: a backup of a timeline that is not in the history is refused"() {
        when:
        history.segments(2, Lsn.parse('0/5000000'), Lsn.parse('0/9000000'), MB16)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        problem.fact() == 'timeline 2 at 0/5000000 is not in the history of timeline 4'
    }

    def "timeline 4 and timeline #timeline with '#text' part at #lsn"() {
        given:
        def other = TimelineHistory.parse(timeline, text.replace('; ', '\n'))

        expect:
        history.partsFrom(other).orElse(null) == (lsn ? Lsn.parse(lsn) : null)
        other.partsFrom(history) == history.partsFrom(other)

        where:
        timeline | text                      || lsn
        1        | ''                        || '0/5000100'
        2        | '1\t0/5000100'            || '0/5000100'
        2        | '1\t0/4000000'            || '0/4000000'
        3        | '1\t0/5000100'            || '0/7000000'
        5        | '1\t0/5000100; 3\t0/6000' || '0/6000'
        5        | '1\t0/5000100; 2\t0/6000' || '0/5000100'
        4        | '1\t0/5000100'            || null
    }

    def "a history that is damaged is not believed: #text"() {
        when:
        TimelineHistory.parse(3, text)

        then:
        def problem = thrown(Problem)
        problem.fact().startsWith('history of timeline 3: ')

        where:
        text << ['garbage', '1', '2\t0/1\n1\t0/2', '3\t0/1', '1\t0/1\n1\t0/2']
    }

    def "what PostgreSQL #major writes at the end of a recovery is understood"() {
        given:
        def server = EmbeddedPostgres.start(major, [restore_command: 'false'])
        server.stop()
        def end = ControlFile.read(Files.readAllBytes(server.data.resolve('global/pg_control'))).checkpoint().lsn()
        server.data.resolve('recovery.signal').toFile().text = ''

        when:
        server.start()
        def sql = server.sql()
        while (sql.value('select pg_is_in_recovery()')) {
            Thread.yield()
        }
        def history = TimelineHistory.parse(2, server.data.resolve('pg_wal/00000002.history').toFile().text)

        then:
        history.fileName() == '00000002.history'
        history.ancestors()*.timeline() == [1]
        history.forkOf(1).get() > end
        history.contains(1, end)

        cleanup:
        sql?.close()
        server.close()

        where:
        major << [15, 18]
    }
}
