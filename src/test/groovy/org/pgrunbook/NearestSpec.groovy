package org.pgrunbook

import spock.lang.Specification

class NearestSpec extends Specification {
    static final WORDS = ['host', 'role', 'priority', 'orders']

    def "\"#word\" meant #meant"() {
        expect:
        Nearest.to(word, WORDS) == Optional.ofNullable(meant)

        where:
        word       || meant
        'hots'     || 'host'
        'ordres'   || 'orders'
        'priorty'  || 'priority'
        'Role'     || 'role'
        'hoost'    || 'host'
        'replica'  || null
        ''         || null
    }

    def "the hint names the word that was meant, else all that are known"() {
        expect:
        Nearest.hint(word, words) == hint

        where:
        word   | words         || hint
        'hots' | ['host', 'x'] || 'Did you mean "host"?'
        'abc'  | ['host', 'x'] || 'Known are: host, x.'
        'abc'  | []            || 'None is known.'
    }
}
