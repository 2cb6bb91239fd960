package org.pgrunbook.replication

import spock.lang.Specification

class PgBouncerIniSpec extends Specification {
    def "a database at the address is moved: #line"() {
        given:
        def ini = new PgBouncerIni("[databases]\n$line\n[pgbouncer]\nlisten_port = 6432\n")

        expect:
        ini.databasesAt('10.0.1.10', 5432) == [name]
        ini.redirected('10.0.1.10', 5432, '10.0.1.11', 5433).text() == "[databases]\n$moved\n[pgbouncer]\nlisten_port = 6432\n"

        where:
        line                                          | name    || moved
        'app = host=10.0.1.10 port=5432 dbname=a'     | 'app'   || 'app = host=10.0.1.11 port=5433 dbname=a'
        'app=dbname=a host=10.0.1.10'                 | 'app'   || 'app=dbname=a host=10.0.1.11 port=5433'
        "  app = host = '10.0.1.10' port= 5432"       | 'app'   || '  app = host=10.0.1.11 port=5433'
        '* = host=10.0.1.10'                          | '*'     || '* = host=10.0.1.11 port=5433'
        '"an app" = host=10.0.1.10 password=\'a b\''  | 'an app' || '"an app" = host=10.0.1.11 password=\'a b\' port=5433'
        "app = password='host=x' host=10.0.1.10\r"    | 'app'   || "app = password='host=x' host=10.0.1.11 port=5433\r"
    }

    def "what is elsewhere stays: #line"() {
        given:
        def ini = new PgBouncerIni("$section\n$line\n")

        expect:
        ini.databasesAt('10.0.1.10', 5432).empty
        ini.redirected('10.0.1.10', 5432, '10.0.1.11', 5433) == ini

        where:
        section         | line
        '[databases]'   | 'app = host=10.0.1.100 port=5432'
        '[databases]'   | 'app = host=10.0.1.10 port=5433'
        '[databases]'   | 'app = host=10.0.1.10,10.0.1.12'
        '[databases]'   | 'app = dbname=a'
        '[databases]'   | '; app = host=10.0.1.10'
        '[databases]'   | '# app = host=10.0.1.10'
        '[databases]'   | "app = password='host=10.0.1.10'"
        '[pgbouncer]'   | 'app = host=10.0.1.10'
        '[users]'       | 'app = host=10.0.1.10'
    }

    def "a move to the standard port needs no port, and one that is there is changed"() {
        expect:
        new PgBouncerIni("[databases]\n$line").redirected('pg1', port, 'pg2', 5432).text() == "[databases]\n$moved"

        where:
        line                     | port || moved
        'app = host=pg1'         | 5432 || 'app = host=pg2'
        'app = host=pg1 port=1'  | 1    || 'app = host=pg2 port=5432'
    }

    def "passwords are told, so that they can be struck out"() {
        expect:
        new PgBouncerIni("[databases]\na = host=x password=one\nb = password='it''s' host=y\n").passwords() == ['one', "it's"]
    }
}
