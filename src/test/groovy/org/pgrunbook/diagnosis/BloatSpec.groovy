package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.inventory.SecretReference
import org.pgrunbook.sql.Sql
import org.pgrunbook.fixtures.HeardRun
import spock.lang.Specification

import java.nio.file.Files

/** How well the estimate of free room does: what building anew gives back is the measure. */
class BloatSpec extends Specification {
    static final Map<String, String> TABLES = [
        narrow : 'select i as id, i::bigint as parent from generate_series(1, 60000) i',
        padded : 'select i as a, i::bigint as b, true as c, i::bigint as d, i as e from generate_series(1, 60000) i',
        nulls  : "select i as id, case when i % 3 = 0 then null else repeat('x', i % 50) end as name, now() as at from generate_series(1, 60000) i",
        wide   : "select i as id, repeat('y', 300 + i % 1000) as text from generate_series(1, 6000) i",
    ]

    def "on #major what it says is free comes near to what building anew gives back, and nothing is said of what is full"() {
        given:
        def server = EmbeddedPostgres.shared(major)
        server.sql().withCloseable { sql ->
            sql.execute('drop schema if exists bloat cascade')
            sql.execute('create schema bloat')
            TABLES.each { name, query ->
                sql.execute("create table bloat.$name as $query" as String)
                sql.execute("create unique index ${name}_id on bloat.$name (${name == 'padded' ? 'a, b' : 'id'})" as String)
                sql.execute("vacuum analyze bloat.$name" as String)
            }
        }

        when:
        def full = estimates(server)

        then:
        full.keySet() == TABLES.keySet().collectMany { [it, it + '_id'] }.toSet()
        full.every { name, row -> row.number('free') <= 0.05 * row.number('size') }

        when: 'three rows of four go, and the room stays'
        server.sql().withCloseable { sql ->
            TABLES.keySet().each {
                sql.execute("delete from bloat.$it where ${it == 'padded' ? 'a' : 'id'} % 4 <> 0" as String)
                sql.execute("vacuum analyze bloat.$it" as String)
            }
        }
        def said = estimates(server)
        server.sql().withCloseable { sql -> TABLES.keySet().each { sql.execute("vacuum full bloat.$it" as String) } }
        def anew = server.sql().withCloseable { sql ->
            said.keySet().collectEntries { [it, sql.value(Long, "select pg_relation_size('bloat.$it')" as String)] }
        }

        then:
        said.every { name, row ->
            def really = row.number('size') - anew[name]
            assert really > 0.6 * row.number('size')
            Math.abs(row.number('free') - really) <= 0.1 * row.number('size')
        }

        cleanup:
        server.sql().withCloseable { it.execute('drop schema if exists bloat cascade') }

        where:
        major << [15, 16, 17, 18]
    }

    def "what was never analyzed is unknown, and what our role must not read is hidden"() {
        given:
        def server = EmbeddedPostgres.shared(18)
        def password = Files.createTempFile('password', '')
        password.toFile().text = 'secret'
        server.sql().withCloseable { sql ->
            ['drop schema if exists bloat cascade', 'drop role if exists guarded', "create role guarded login password 'secret'", 'grant pg_monitor to guarded',
             'create schema bloat', 'grant usage on schema bloat to guarded', 'create table bloat.known as select generate_series(1, 1000) as id',
             'create table bloat.secret as select generate_series(1, 1000) as id', 'create table bloat.fresh (id int) with (autovacuum_enabled = false)',
             'insert into bloat.fresh select generate_series(1, 1000)', 'grant select on bloat.known, bloat.fresh to guarded', 'analyze bloat.known', 'analyze bloat.secret',
             // Its pages are known, its columns are not.
             'vacuum bloat.fresh'].each { sql.execute(it) }
        }
        def settings = server.settings('guarded', 'postgres', new SecretReference(SecretReference.Kind.FILE, password.toString(), 'test:1:1'))

        expect:
        new Sql('test/pg', settings, new HeardRun().run, EmbeddedPostgres.noTunnel()).withCloseable { sql ->
            with(rows(sql)) {
                !known.bool('missing')
                fresh.bool('missing') && !fresh.bool('hidden')
                secret.bool('hidden')
            }
            true
        }

        cleanup:
        server.sql().withCloseable { sql ->
            sql.execute('drop schema bloat cascade')
            sql.execute('drop owned by guarded')
            sql.execute('drop role guarded')
        }
        Files.delete(password)
    }

    private static Map<String, Object> estimates(EmbeddedPostgres server) {
        server.sql().withCloseable { rows(it) }
    }

    private static Map<String, Object> rows(Sql sql) {
        sql.rows(Question.BLOAT.text(), 0L).findAll { it.text('name').startsWith('bloat.') }.collectEntries { [it.text('name') - 'bloat.', it] }
    }
}
