package org.pgrunbook

import spock.lang.Specification

class DataSizeSpec extends Specification {

    def "#text is #bytes bytes"() {
        expect:
        DataSize.parse(text).bytes() == bytes

        where:
        text     || bytes
        '0'      || 0
        '8192'   || 8192
        '16MB'   || 16 << 20
        '1.5 GB' || 1536L << 20
        '1GiB'   || 1L << 30
        '4kB'    || 4096
    }

    def "\"#text\" is no size"() {
        when:
        DataSize.parse(text)

        then:
        def problem = thrown(IllegalArgumentException)
        problem.message.contains(text)

        where:
        text << ['', '16 apples', '-1MB', 'MB']
    }

    def "what is shown can be read again"() {
        expect:
        DataSize.parse(new DataSize(bytes).toString()).bytes() == bytes

        where:
        bytes << [0, 1023, 1024, 16 << 20, 1536L << 20]
    }
}
