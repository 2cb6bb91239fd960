package org.pgrunbook.replication

import org.pgrunbook.postgres.Lsn
import spock.lang.Specification

/** What synchronous_standby_names promise of commits that were confirmed. */
class SynchronousNamesSpec extends Specification {

    def "the setting \"#setting\" wants #number of #names"() {
        expect:
        SynchronousNames.parse(setting).map { [it.number(), it.names()] }.orElse(null) == (names ? [number, names] : null)

        where:
        setting                   || number | names
        ''                        || null   | null
        '*'                       || null   | null
        'ANY 1 (*)'               || null   | null
        'pg2'                     || 1      | ['pg2']
        'pg2, pg3'                || 1      | ['pg2', 'pg3']
        '2 (a, b, c)'             || 2      | ['a', 'b', 'c']
        'FIRST 1 (PG2,pg3)'       || 1      | ['pg2', 'pg3']
        'any 2("a, b", "c""d",e)' || 2      | ['a, b', 'c"d', 'e']
    }

    def "P65: of ANY #number of #count, heard #heard: #what"() {
        given:
        def names = (1..count).collect { "s$it".toString() }
        def standbys = heard.collect { name, lsn -> new SynchronousNames.Standby(name, Lsn.parse("0/$lsn")) }

        expect:
        new SynchronousNames(number, names).confirmedUpTo(standbys).map { it.toString() }.orElse(null) == end

        where:
        number | count | heard                      || end    | what
        1      | 2     | [s1: '10', S2: '20']       || '0/20' | 'one of them has it'
        1      | 2     | [s1: '10']                 || null   | 'the other may have it alone'
        2      | 3     | [s1: '30', s3: '20']       || '0/30' | 'whoever is silent was not the only one'
        2      | 3     | [s1: '30']                 || null   | 'two that are silent may have it'
        1      | 2     | [s1: '10', other: '90']    || null   | 'who confirms nothing does not count'
        3      | 3     | [s2: '10']                 || '0/10' | 'all have it'
    }

    def "two standbys of one name may be either"() {
        expect:
        new SynchronousNames(1, ['s1']).confirmedUpTo(['10', '20'].collect { new SynchronousNames.Standby('s1', Lsn.parse("0/$it")) }).empty
    }
}
