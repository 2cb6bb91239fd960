package org.pgrunbook.backup

import org.pgrunbook.DataSize
import org.pgrunbook.Problem
import org.pgrunbook.postgres.Lsn
import org.pgrunbook.postgres.TimelineHistory
import org.pgrunbook.postgres.WalFile
import spock.lang.Specification

import java.time.Duration
import java.time.Instant

/** Which backups, and which WAL, are kept: rules that need no server. */
class RetentionSpec extends Specification {
    static final Instant NOW = Instant.parse('2026-03-31T00:00:00Z')
    static final DataSize SIZE = DataSize.parse('16MB')

    def "#what"() {
        given:
        def retention = new Retention(Optional.ofNullable(full), Optional.ofNullable(days).map { Duration.ofDays(it) })

        expect:
        retention.judge(backups.collect { candidate(it) }, NOW).findAll { it.fate() == Judgement.Fate.KEEP }*.backup() == kept

        where:
        what                                                                  | full | days | backups                    || kept
        'a count keeps the newest'                                            | 2    | null | [40, 30, 20, 10]           || ['20', '10']
        'P57: a window keeps the newest that is older than it, too'           | null | 15   | [40, 30, 20, 10]           || ['20', '10']
        'P57: one that ended just at the beginning of the window is within'   | null | 20   | [40, 30, 20, 10]           || ['30', '20', '10']
        'what count and window keep adds up'                                  | 3    | 15   | [40, 30, 20, 10]           || ['30', '20', '10']
        'P59: the last backup is never deleted'                               | null | 1    | [40]                       || ['40']
        'P59: one that is not complete does not count, and is not deleted'    | 2    | null | [40, 30, 20, '10 broken']  || ['30', '20', '10']
        'P59: one that is not complete goes when it is older than all kept'   | 1    | null | ['40 broken', 30]          || ['30']
        'P59: a window is not opened by one that is not complete'             | null | 15   | [40, '30 broken', 10]      || ['40', '30', '10']
        'a held one is kept'                                                  | 1    | null | ['40 held', 30, 20]        || ['40', '20']
        'P58: backups are ordered by their time, in whatever order they come' | 1    | null | [20, 40, 30]               || ['20']
    }

    def "only of what the retention itself wants all later WAL is kept, not of what is held"() {
        expect:
        new Retention(Optional.of(1), Optional.empty()).judge([candidate('40 held'), candidate(20)], NOW)*.laterWal() == [false, true]
        new Retention(Optional.of(1), Optional.empty()).judge([candidate('40 held with later WAL'), candidate(20)], NOW)*.laterWal() == [true, true]
    }

    def "P59: if none is sound none is deleted"() {
        when:
        new Retention(Optional.of(1), Optional.empty()).judge([candidate('40 broken'), candidate('20 broken')], NOW)

        then:
        def refused = thrown(Problem)
        refused.exit().code() == 3
        refused.fact() == 'no backup is sound, so none is deleted'
    }

    def "a clock that runs behind the newest backup deletes nothing"() {
        when:
        new Retention(Optional.of(1), Optional.empty()).judge([candidate(-1), candidate(20)], NOW)

        then:
        def refused = thrown(Problem)
        refused.exit().code() == 3
        refused.hints().first().contains('clock skew')
    }

    def "without a count and a window nothing says what to keep"() {
        when:
        new Retention(Optional.empty(), Optional.empty())

        then:
        def refused = thrown(Problem)
        refused.exit().code() == 2
    }

    def "P60: of timelines that fork, WAL is needed by their histories: #file"() {
        given: "1 forks into 2 at segment 6 and into 3 at segment 8, where the backup on 3 begins at 10"
        def histories = [TimelineHistory.first(1), TimelineHistory.parse(2, '1\t0/6000000\tx'), TimelineHistory.parse(3, '1\t0/8000000\tx')]
        def need = new WalNeed([manifest(3, '0/A000028', '0/B000000')], [manifest(1, '0/2000028', '0/3000100')], histories)

        expect:
        need.includes(WalFile.of(file).get()) == needed

        where:
        file                                       || needed
        '00000003000000000000000A'                 || true
        '00000003000000000000000F'                 || true
        '000000030000000000000009'                 || false
        '000000010000000000000007'                 || false
        '000000020000000000000007'                 || false
        '00000002000000000000000C'                 || false
        '000000010000000000000002'                 || true
        '000000010000000000000003'                 || true
        '000000010000000000000004'                 || false
        '000000010000000000000002.00000028.backup' || true
        '00000003000000000000000B.partial'         || true
        '00000002.history'                         || true
    }

    def "P60: WAL of a timeline that goes on from a kept backup is kept, on both sides of the fork"() {
        given:
        def histories = [TimelineHistory.first(1), TimelineHistory.parse(2, '1\t0/6000000\tx')]
        def need = new WalNeed([manifest(1, '0/4000028', '0/5000000')], [], histories)

        expect:
        ['000000010000000000000004', '000000010000000000000009', '000000020000000000000006', '000000020000000000000009']
            .every { need.includes(WalFile.of(it).get()) }
        !need.includes(WalFile.of('000000010000000000000003').get())
    }

    /** A backup that ended so many days ago; its id says how many. */
    private static Retention.Candidate candidate(Object text) {
        def days = text.toString().split(' ')[0] as int
        def later = text.toString().contains('later') ? Optional.of(true) : Optional.<Boolean>empty()
        def hold = Optional.of(new Hold(1, '', 'audit', Optional.empty(), later, NOW, ''))
        new Retention.Candidate(days as String, NOW - Duration.ofDays(days), SIZE, !text.toString().contains('broken'),
            text.toString().contains('held') ? hold : Optional.empty())
    }

    private static Manifest manifest(int timeline, String start, String stop) {
        def object = new Manifest.Plain('x', 1, '')
        new Manifest(1, 'id', 'full', 'c', '1', 18, 'c/n', '/d', SIZE, timeline, Lsn.parse(start), Lsn.parse(stop), NOW, NOW, true,
            Compression.ZSTD, [:], [], [], object, object, Optional.empty(), Optional.empty(), Optional.empty(), 'v')
    }
}
