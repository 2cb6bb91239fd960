package org.pgrunbook.replication

import org.pgrunbook.Problem
import spock.lang.Specification

class ConninfoSpec extends Specification {

    def "only the address is changed: #text"() {
        expect:
        Conninfo.parse(text).to('10.0.1.11', 5433).toString() == changed

        where:
        text                                                  || changed
        'host=pg1 port=5432 user=replicator'                  || 'host=10.0.1.11 port=5433 user=replicator'
        "user = 'a b'  passfile='/it\\'s/.pgpass' host=pg1"   || "user='a b' passfile='/it\\'s/.pgpass' host=10.0.1.11 port=5433"
        "host=pg1,pg2 hostaddr=1.2.3.4 password='' options='-c a=\\\\b'" || "host=10.0.1.11 password='' options='-c a=\\\\b' port=5433"
        ''                                                    || 'host=10.0.1.11 port=5433'
    }

    def "what is no list of keywords is refused, and never shown: #text"() {
        when:
        Conninfo.parse(text)

        then:
        def problem = thrown(Problem)
        problem.fact() == 'primary_conninfo is no list of keyword=value'

        where:
        text << ['postgresql://replicator:secret@pg1/', "host=pg1 password='open", 'host']
    }
}
