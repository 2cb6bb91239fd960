package org.pgrunbook.sql

import spock.lang.Specification

class ReadOnlySpec extends Specification {

    def "a probe: #sql"() {
        expect:
        ReadOnly.violation(sql).empty

        where:
        sql << [
            'select 1;',
            '  ( select 1 ) union values (2) ; ',
            '-- why\n/* and /* how */ ; */ with x as (select 1) table x',
            'show wal_level',
            'explain (analyze) select 1',
            "select ';', 'x; y', \$\$a; b\$\$ -- ; c",
            'select 1 as "a; b"',
        ]
    }

    def "no probe: #sql"() {
        expect:
        ReadOnly.violation(sql).get() == fact

        where:
        sql                                     || fact
        ''                                      || 'a probe is empty'
        '-- select 1'                           || 'a probe is empty'
        'checkpoint'                            || 'a probe begins with CHECKPOINT, which is no query'
        "copy t to program 'rm'"                || 'a probe begins with COPY, which is no query'
        'do $$ begin perform 1; end $$'         || 'a probe begins with DO, which is no query'
        'select 1; drop table t'                || 'a probe has more than one statement'
        "select '\\'; commit; drop table t; --'" || 'a probe has more than one statement'
        'select pg_promote()'                   || 'a probe calls pg_promote(), which changes something'
    }

    def "the call is found in #sql"() {
        expect:
        ChangingFunctions.in(sql).get() == 'pg_switch_wal'

        where:
        sql << [
            'select pg_switch_wal()',
            'select PG_Switch_WAL\n ()',
            'select pg_catalog . pg_switch_wal (/* now */)',
            'select "pg_catalog"."pg_switch_wal"()',
            'select * from pg_switch_wal() as x',
            "select 'it''s', pg_switch_wal()",
            "select e'it\\'s', pg_switch_wal()",
            "select 'c:\\', pg_switch_wal() -- '",
            'select $a$ $$ $a$, pg_switch_wal()',
            'select a$b, pg_switch_wal(), c$b',
            '/* /* */ */ select pg_switch_wal()',
            'select abs(coalesce(length(pg_switch_wal()::text), 0))',
        ]
    }

    def "no call is found in #sql"() {
        expect:
        ChangingFunctions.in(sql).empty

        where:
        sql << [
            "select 'pg_switch_wal()'",
            'select $$pg_switch_wal()$$',
            'select $x$ pg_switch_wal() $$ $x$',
            'select 1 -- pg_switch_wal()',
            'select /* pg_switch_wal() /* */ pg_switch_wal() */ 1',
            'select "pg_switch_wal() "',
            "select * from pg_proc where proname = 'pg_switch_wal'",
            'select my_pg_switch_wal()',
            'select pg_switch_wal from t',
            "select U&'pg_switch_wal()'",
        ]
    }
}
