package org.pgrunbook.journal

import org.pgrunbook.DataSize
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.backup.BackupSummary
import org.pgrunbook.backup.Proof
import org.pgrunbook.postgres.Lsn
import org.pgrunbook.postgres.WalSegment
import org.pgrunbook.replication.Candidate
import org.pgrunbook.replication.Ranking
import spock.lang.Specification

import java.time.Duration
import java.time.Instant

class RevivalSpec extends Specification {
    enum Colour { RED { @Override String toString() { 'rot' } }, GREEN }

    record Box(Thread thread) {}

    static class Place implements Named {
        String fullName

        @Override
        String fullName() { fullName }

        @Override
        boolean equals(Object other) { other instanceof Place && other.fullName == fullName }

        @Override
        int hashCode() { fullName.hashCode() }
    }

    final Revival revival = new Revival({ type, name -> new Place(fullName: name) } as JsonReader.Names)

    def "a value comes back from the journal's JSON as it was: #value"() {
        when:
        def line = JsonLines.of(new Entry(1, Instant.EPOCH, '', new Event.StepEnded('x', Event.Outcome.DONE, Duration.ZERO, value, Revival.type(value), null)))
        def read = Json.object(line)

        then:
        revival.revive(read.type, read.value) == value

        where:
        value << [
            null, 'text', 42, 9_000_000_000L, 1.5d, 12.345G, true, new DataSize(1_234_567), Lsn.parse('1/A0'), Colour.RED, new Place(fullName: 'demo/pg1'),
            Instant.parse('2026-03-29T00:30:00.123456789Z'), Duration.ofNanos(1_234_567_891), [], [1, 'two', null, [3L, 4L]],
            [a: 1, b: new DataSize(1500), c: [Colour.GREEN]], [[:], [x: []]],
            new BackupSummary('20260301T014500Z-full', 'demo/pg1', Lsn.parse('0/2000028'), Lsn.parse('0/2000120'),
                Instant.parse('2026-03-01T01:45:09.25Z'), 1, 990, new DataSize(23_456_789), new DataSize(1_234_567), new DataSize(16 << 20)),
            [new Proof('latest', null, Lsn.NONE, 2), new WalSegment(1, 3, new DataSize(16 << 20))],
            new Ranking([new Candidate(null, 1, Lsn.NONE, Lsn.NONE, 0, Optional.of(new DataSize(1001)), true, ''),
                new Candidate(null, 1, Lsn.NONE, Lsn.NONE, 0, Optional.empty(), false, 'paused')])]
    }

    def "a problem comes back with what it says"() {
        given:
        def problem = Problem.of(Exit.UNREACHABLE, 'no route').hint('Go there.')

        when:
        def read = revival.revive(Problem.name, Json.object(Json.line([value: problem])).value)

        then:
        read.exit() == Exit.UNREACHABLE
        read.fact() == 'no route'
        read.hints() == ['Go there.']
    }

    def "what cannot come back is named before it is ever journalled"() {
        expect:
        Revival.obstacle(Box).get() == 'a Thread in a Box'
        Revival.obstacle(Ranking).empty
    }
}
