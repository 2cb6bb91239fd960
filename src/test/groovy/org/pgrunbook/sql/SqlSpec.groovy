package org.pgrunbook.sql

import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.fixtures.HeardRun
import org.pgrunbook.inventory.SecretReference
import org.pgrunbook.inventory.SqlSettings
import org.pgrunbook.journal.Event
import org.pgrunbook.journal.Run
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.TempDir
import java.nio.file.Path

class SqlSpec extends Specification {

    @Shared
    def server = EmbeddedPostgres.shared(18)

    def heard = new HeardRun()

    @AutoCleanup
    def sql = server.sql(heard.run)

    @TempDir
    Path temporary

    def "#type becomes #value"() {
        expect:
        sql.value("select $expression::$type") == value

        where:
        type                        | expression                 || value
        'smallint'                  | '1'                        || 1L
        'int'                       | '2'                        || 2L
        'bigint'                    | '9223372036854775807'      || Long.MAX_VALUE
        'oid'                       | '4294967295'               || 4294967295L
        'numeric'                   | '1.50'                     || 1.50G
        'float8'                    | '0.5'                      || 0.5d
        'boolean'                   | "'t'"                      || true
        'text'                      | "'a?b'"                    || 'a?b'
        'name'                      | "'x'"                      || 'x'
        'json'                      | "'{\"a\": 1}'"             || '{"a": 1}'
        'pg_lsn'                    | "'0/3000060'"              || '0/3000060'
        'timestamptz'               | "'2026-03-01 12:00+02'"    || Instant.parse('2026-03-01T10:00:00Z')
        'timestamp'                 | "'2026-03-01 12:00'"       || java.time.LocalDateTime.parse('2026-03-01T12:00:00')
        'date'                      | "'2026-03-01'"             || LocalDate.parse('2026-03-01')
        'interval'                  | "'1 month 1.5 s'"          || Duration.ofDays(30).plusMillis(1500)
        'interval'                  | "'-00:00:00.25'"           || Duration.ofMillis(-250)
        'int[]'                     | "'{1,NULL}'"               || [1L, null]
        'text[]'                    | "'{a,\"b,c\"}'"            || ['a', 'b,c']
        'text'                      | 'null'                     || null
    }

    def "a parameter #value is a #type where one is wanted"() {
        expect:
        sql.value('select ? = ' + expected, value)

        where:
        value                                   | type          | expected
        1                                       | 'int'         | '1'
        10000000000L                            | 'bigint'      | '10000000000'
        1.5G                                    | 'numeric'     | '1.5'
        true                                    | 'boolean'     | 'true'
        "it's"                                  | 'text'        | "'it''s'::text"
        "${'g'}string"                          | 'text'        | "'gstring'::text"
        '0/3000060'                             | 'pg_lsn'      | "'0/3000060'::pg_lsn"
        Instant.parse('2026-03-01T10:00:00Z')   | 'timestamptz' | "'2026-03-01 10:00+00'::timestamptz"
        Duration.ofMillis(90500)                | 'interval'    | "'90.5 s'::interval"
        ['a', 'b"c']                            | 'text[]'      | "array['a', 'b\"c']"
        [1, 2]                                  | 'int[]'       | 'array[1, 2]'
    }

    def "a row is read by its columns' names, as they are written"() {
        given:
        def row = sql.row('select 5 as "Five", 1024 as size, now() as at, interval \'1 s\' as took, array[1] as list')

        expect:
        row.columns() == ['Five', 'size', 'at', 'took', 'list']
        row.Five == 5
        row.text('Five') == '5'
        row.number('Five') == 5L
        row.decimal('Five') == 5G
        row.bytes('size').toString() == '1 kB'
        row.instant('at') <= Instant.now()
        row.duration('took') == Duration.ofSeconds(1)
        row.list('list') == [1L]
    }

    def "a column that is not there is an error with a suggestion"() {
        when:
        sql.row('select 1 as datname').datnam

        then:
        def problem = thrown(Problem)
        problem.fact() == 'the result has no column "datnam"'
        problem.hints() == ['Did you mean "datname"?']
    }

    def "a row must be the only one"() {
        when:
        sql.row('select 1 from generate_series(1, ?)', count)

        then:
        def problem = thrown(Problem)
        problem.fact() == "the query returned $count rows, not one"
        problem.where().get() == 'test/pg18'

        where:
        count << [0, 2]
    }

    def "a value of another type is an error"() {
        when:
        sql.value(Long, "select 'x'")

        then:
        def problem = thrown(Problem)
        problem.fact() == 'column "?column?" holds String x, not Long'
    }

    def "every statement is an operation, shown with its parameters"() {
        when:
        sql.rows('select ?, ?::text', 1, 'x')
        sql.execute('checkpoint')

        then:
        def (probe, change) = heard.operations()
        probe.operation().text() == "select ?, ?::text -- [1, 'x']"
        probe.operation().node() == 'test/pg18'
        !probe.operation().change()
        probe.result() == [rows: 1]
        change.operation().change()
        change.outcome() == Event.Outcome.DONE
    }

    def "a change runs outside of a transaction and counts its rows"() {
        expect:
        sql.execute("alter system set work_mem = '5MB'") == 0
        sql.execute('alter system reset work_mem') == 0
        sql.execute('create temp table t as select generate_series(1, 3) as i') == 3
        sql.execute('delete from t where i > ?', 1) == 2
        sql.returning(Row.of([lsn: '0/0']), 'select pg_current_wal_lsn() as lsn').lsn =~ '^[0-9A-F]+/[0-9A-F]+$'
    }

    def "a probe that writes is refused by the server and told what to use"() {
        when:
        sql.rows('with x as (insert into pg_description values (1, 1, 1, \'\') returning 1) select * from x')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact().endsWith('(SQLSTATE 25006)')
        problem.hints() == ['A probe changes nothing; use sql.execute for a change.']
    }

    def "a probe that calls a changing function never leaves us"() {
        when:
        sql.rows('select pg_switch_wal()')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == 'a probe calls pg_switch_wal(), which changes something'
        heard.operations().empty
    }

    def "an error of the statement says where it is, and what the server advises"() {
        when:
        sql.rows('select 1,\n  nosuch()')

        then:
        def problem = thrown(Problem)
        problem.fact() == 'function nosuch() does not exist at line 2, column 3 (SQLSTATE 42883)'
        problem.hints().size() == 1
        problem.where().get() == 'test/pg18'
    }

    def "it is one and the same connection, until the server has gone away in between"() {
        given:
        def pid = sql.value('select pg_backend_pid()')

        expect:
        sql.value('select pg_backend_pid()') == pid

        when:
        def other = server.sql()
        other.execute('select pg_terminate_backend(?, 5000)', pid)
        other.close()

        then:
        sql.value('select pg_backend_pid()') != pid
    }

    def "a statement whose connection is lost says that nobody knows what came of it"() {
        when:
        sql.execute('select pg_terminate_backend(pg_backend_pid())')

        then:
        def problem = thrown(Problem)
        problem.fact().startsWith('the connection was lost: ')
        problem.state().get() == 'whether the statement has taken effect is not known'
    }

    def "a transaction that a statement leaves open does not reach the next one"() {
        when:
        sql.execute('begin')

        then:
        sql.value('select pg_current_xact_id_if_assigned()') == null
        sql.execute('vacuum pg_description') == 0
    }

    def "another database of the same server has its own connection"() {
        expect:
        sql.database('template1').value('select current_database()') == 'template1'
        sql.value('select current_database()') == 'postgres'
    }

    def "the run is known to the server by its id"() {
        expect:
        sql.value("select application_name from pg_stat_activity where pid = pg_backend_pid()") ==
            'pgrunbook/20260301-014500-k3f9'
    }

    def "statements have a limit that the server keeps"() {
        expect:
        sql.value("select setting from pg_settings where name = 'statement_timeout'") == '30000'
        sql.returning(Row.of([:]), 'show statement_timeout').statement_timeout == '10min'
        sql.timeout(Duration.ofSeconds(7)).value('show statement_timeout') == '7s'
    }

    def "a statement over its limit is cancelled"() {
        when:
        sql.timeout(Duration.ofMillis(50)).value('select pg_sleep(60)')

        then:
        def problem = thrown(Problem)
        problem.fact() == 'canceling statement due to statement timeout (limit 50 ms, SQLSTATE 57014)'
        problem.hints() == ['Allow it more time with timeout().']
    }

    def "an interrupt cancels the statement on the server"() {
        given:
        def other = server.sql()
        def sleeping = "select count(*) from pg_stat_activity where query = 'select pg_sleep(61)' and state = 'active'"
        Problem problem = null
        def thread = start.call {
            try {
                sql.value('select pg_sleep(61)')
            } catch (Problem e) {
                problem = e
            }
        }
        while (other.value(sleeping) == 0) {
            Thread.yield()
        }

        when:
        thread.interrupt()
        thread.join()

        then:
        problem.exit() == Exit.INTERRUPTED
        other.value(sleeping) == 0
        sql.value('select 1') == 1

        cleanup:
        other.close()

        where:
        start << [{ Closure it -> Thread.ofPlatform().start(it) }, { Closure it -> Thread.ofVirtual().start(it) }]
    }

    def "who is not let in hears who, where and why: #reason"() {
        given:
        def secret = temporary.resolve('password').toFile()
        secret.text = 'not the right one'
        sql.execute("do \$\$ begin create role guarded login password 'right'; exception when others then end \$\$")
        def reference = new SecretReference(SecretReference.Kind.FILE, secret.path, '')
        def settings = server.settings(user, database, user == 'guarded' ? reference : null)
        def refused = new Sql('test/pg18', settings, heard.run, EmbeddedPostgres.noTunnel())

        when:
        refused.value('select 1')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().startsWith(
            "cannot connect to database \"$database\" at 127.0.0.1:$server.port as user \"$user\": ")
        problem.fact().contains(reason)
        problem.hints().first().startsWith(hint)
        !"$problem.message ${problem.hints()}".contains('not the right one')

        where:
        user       | database   || reason                           | hint
        'guarded'  | 'postgres' || 'password authentication failed' | 'Check the password'
        'postgres' | 'nosuch'   || 'database "nosuch" does not'     | 'Check the name of the database'
        'stranger' | 'postgres' || 'no pg_hba.conf entry'           | 'Let this user in'
    }

    def "a server that is not there is unreachable"() {
        given:
        def port = new ServerSocket(0).withCloseable { it.localPort }
        def settings = new SqlSettings('127.0.0.1', port, 'postgres', 'postgres', 'prefer', Optional.empty(), false)

        when:
        new Sql('test/pg18', settings, heard.run, EmbeddedPostgres.noTunnel()).value('select 1')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().endsWith(': connection refused')
        problem.hints().first().contains('listen_addresses')
    }

    def "a server without a free connection names the reserved ones"() {
        given:
        def small = EmbeddedPostgres.start(16, [max_connections: '4', superuser_reserved_connections: '0'])
        def sessions = (1..4).collect { small.sql().session() }

        when:
        small.sql().value('select 1')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.hints().first().contains('reserved_connections')

        cleanup:
        sessions*.close()
        small.close()
    }

    def "a tunnel is taken if the node is reached through one"() {
        given:
        def settings = new SqlSettings('pg1.example', 5432, 'postgres', 'postgres', 'prefer', Optional.empty(), true)
        def asked = []
        Tunnel tunnel = { String host, int port -> asked << "$host:$port"; server.port }
        def through = new Sql('test/pg18', settings, heard.run, tunnel)

        expect:
        through.value('select 1') == 1
        asked == ['pg1.example:5432']

        cleanup:
        through.close()
    }

    def "a node is one server"() {
        given:
        def settings = new SqlSettings('a,b', 5432, 'postgres', 'postgres', 'prefer', Optional.empty(), false)

        when:
        new Sql('test/pg18', settings, heard.run, EmbeddedPostgres.noTunnel()).value('select 1')

        then:
        def problem = thrown(Problem)
        problem.fact() == 'sql host "a,b" names several servers'
    }

    def "a socket is reached through SSH alone"() {
        given:
        def settings = new SqlSettings('/var/run/postgresql', 5432, 'postgres', 'postgres', 'prefer', Optional.empty(), false)

        when:
        new Sql('test/pg18', settings, heard.run, EmbeddedPostgres.noTunnel()).value('select 1')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == 'sql host "/var/run/postgresql" is the folder of a socket'
        problem.hints() == ['A socket is reached through SSH: add via: ssh under sql.']
    }
}
