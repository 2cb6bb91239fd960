package org.pgrunbook

import spock.lang.Specification

class ProblemSpec extends Specification {
    def "only a first word that is an ordinary one loses its capital: #message"() {
        expect:
        Problem.lowerCase(message) == fact

        where:
        message                                  || fact
        'Connection refused'                     || 'connection refused'
        'SSL error: received fatal alert'        || 'SSL error: received fatal alert'
        'PostgreSQL says no'                     || 'PostgreSQL says no'
        'I/O error'                              || 'I/O error'
        'A value is missing'                     || 'a value is missing'
        'FATAL'                                  || 'FATAL'
        'Node.js is missing'                     || 'Node.js is missing'
        'Done.'                                  || 'done.'
        '"Quoted"'                               || '"Quoted"'
        'x509 is none'                           || 'x509 is none'
        ''                                       || ''
    }
}
