package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.fixtures.HeardRun
import org.pgrunbook.inventory.SecretReference
import org.pgrunbook.sql.Sql
import spock.lang.Specification

import java.nio.file.Files

class QuestionSpec extends Specification {
    static final Map<Question, List<String>> PARAMETERS = [
        (Question.DROP_SLOT): ['none', '0/0'], (Question.KEPT_WAL): ['0/0', 'none'], (Question.SETTING): ['work_mem', 'work_mem'],
        (Question.RELATION_PATHS): ['', ''], (Question.LOG_FORMAT): ['3600'],
        (Question.BLOAT): ['0'], (Question.INDEXES): ['0'], (Question.FOREIGN_KEYS): ['0']]

    /** What looking into the configuration files takes. */
    static final List<String> FILES = ['pg_read_all_settings', 'select on pg_file_settings, pg_hba_file_rules, pg_ident_file_mappings',
        'execute on function pg_show_all_file_settings(), pg_hba_file_rules(), pg_ident_file_mappings(), pg_stat_file(text, boolean)']

    def "#question says what it means, in which unit, and on which page it rests"() {
        expect:
        with(question.file()) {
            meaning().endsWith('.')
            !unit().empty
            page() ==~ /https:\/\/www\.postgresql\.org\/docs\/current\/[a-z-]+\.html(#[A-Z-]+)?/
        }

        where:
        question << Question.values()
    }

    def "on #major every question is answered to a role that has just what it says it needs"() {
        given:
        def server = EmbeddedPostgres.shared(major)
        def password = Files.createTempFile('password', '')
        password.toFile().text = 'secret'
        server.sql().withCloseable {
            it.execute("drop role if exists guarded")
            it.execute("create role guarded login password 'secret'")
        }

        when:
        def failures = Question.values().findAll { !(it in [Question.LEFT_ALONE, Question.STILL_CHOSEN]) && it.text(major).count('?') < 20 }.collectMany { question ->
            server.sql().withCloseable { sql ->
                ['pg_monitor', 'pg_signal_backend'].each { sql.execute("revoke $it from guarded") }
                def needs = question.file().needs()
                sql.execute(needs == 'replication' ? 'alter role guarded replication' : 'alter role guarded noreplication')
                if (needs == 'configuration_files') {
                    FILES.each { sql.execute("grant $it to guarded") }
                }
                if (needs.startsWith('pg_')) {
                    sql.execute("grant $needs to guarded")
                }
            }
            def settings = server.settings('guarded', 'postgres', new SecretReference(SecretReference.Kind.FILE, password.toString(), 'test:1:1'))
            new Sql('test/pg', settings, new HeardRun().run, EmbeddedPostgres.noTunnel()).withCloseable { sql ->
                try {
                    // Nobody is named, nobody is ended: empty arrays all of them, or a slot that is not there.
                    def parameters = (PARAMETERS[question] ?: ['{}'] * question.text(major).count('?')) as Object[]
                    if (question in [Question.CANCEL_STATEMENTS, Question.END_SESSIONS, Question.DROP_SLOT]) {
                        sql.execute(question.text(major), parameters)
                    } else {
                        sql.rows(question.text(major), parameters)
                    }
                    []
                } catch (Exception e) {
                    ["$question: $e.message"]
                }
            }
        }

        then:
        failures == []

        cleanup:
        server.sql().withCloseable {
            it.execute('drop owned by guarded')
            it.execute('drop role guarded')
        }
        Files.delete(password)

        where:
        major << [15, 16, 17, 18]
    }

    def "a file with a text for a newer version is answered by the text for the server's"() {
        given:
        def file = QuestionFile.parse('-- Two.\n-- unit: none\n-- needs: nothing\n-- see: sql.html\nselect 1\n-- from 17\nselect\n2')

        expect:
        file.text(major) == text

        where:
        major || text
        15    || 'select 1'
        16    || 'select 1'
        17    || 'select\n2'
        19    || 'select\n2'
    }
}
