package org.pgrunbook.backup

import org.pgrunbook.DataSize
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.SettableTime
import spock.lang.Specification

import java.time.Duration

class RateLimitSpec extends Specification {
    final time = new SettableTime()

    def "streams that share a limit take, together, the time of all their bytes"() {
        given:
        def limit = new RateLimit(new DataSize(1_000_000), time)
        def streams = (1..3).collect { limit.on(new ByteArrayInputStream(new byte[2_000_000])) }
        def buffer = new byte[1 << 16]

        when: "they are read in turns"
        long read = 0
        while (streams) {
            streams.removeIf { stream ->
                int count = stream.read(buffer)
                read += Math.max(0, count)
                count < 0
            }
        }

        then:
        read == 6_000_000
        time.slept == Duration.ofSeconds(6)
    }

    def "a pause is not made up for"() {
        given:
        def stream = new RateLimit(new DataSize(1000), time).on(new ByteArrayInputStream(new byte[3000]))
        stream.readNBytes(1000)
        time.sleep(Duration.ofMinutes(1))
        def before = time.slept

        when:
        stream.readNBytes(2000)

        then:
        time.slept - before == Duration.ofSeconds(2)
    }

    def "no read is longer than a tenth of a second, so that no stream waits long for its turn"() {
        given:
        def stream = new RateLimit(new DataSize(1000), time).on(new ByteArrayInputStream(new byte[3000]))

        expect:
        stream.read(new byte[3000]) == 100
        stream.read() == 0
    }

    def "without a limit the stream is what it was"() {
        given:
        def stream = new ByteArrayInputStream(new byte[1])

        expect:
        new RateLimit(null, time).on(stream).is(stream)
    }

    def "a limit of nothing is refused"() {
        when:
        new RateLimit(new DataSize(0), time)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
    }
}
