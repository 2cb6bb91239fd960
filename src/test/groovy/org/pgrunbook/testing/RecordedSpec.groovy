package org.pgrunbook.testing

import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.ssh.Output
import spock.lang.AutoCleanup
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Path

/** Runbooks that ask nobody: every answer was recorded. */
class RecordedSpec extends Specification {
    @TempDir Path project

    @AutoCleanup TestBed bed

    def setup() {
        project.resolve('runbooks').toFile().mkdir()
        bed = TestBed.recorded(project, 'demo', 'pg1', 'pg2')
    }

    def "#name is what docs/writing-runbooks.md shows"() {
        expect:
        essence(new File(System.getProperty('pgrunbook.home'), "src/test/groovy/org/pgrunbook/testing/${name}.groovy").text) ==
            essence(Documented.code().find { it.contains("class $name ") })

        where:
        name << ['RestartSpec', 'RefusalSpec']
    }

    def "a query gets values, rows and a list of rows as it would from a server"() {
        given:
        runbook '''
            @Target Node node
            step('ask') {
                note node.sql.value(Long, 'select one')
                note node.sql.row('select two from t where id = ?', 7).text('name')
                table node.sql.rows('select three')
                note node.sql.rows('select nobody').size()
                null
            }'''
        bed.on('demo/pg2').with {
            sql(~/nobody/).answers()
            sql(~/one/).answers(41, 42)
            sql(~/two from t where id = \? -- \[7]/).answers(name: 'Pooh')
            sql(~/three/).answers([[a: 1, b: true], [a: 2, b: null]])
        }

        when:
        def runs = (1..3).collect { bed.run('test', 'demo/pg2') }

        then:
        runs*.exit.unique() == [Exit.DONE]
        runs*.notes == [['41', 'Pooh', '0'], ['42', 'Pooh', '0'], ['42', 'Pooh', '0']]
        runs[0].tables.first().rows() == [[1L, true], [2L, null]]
        runs[0].probes.last() == 'sql demo/pg2 select nobody'
    }

    def "changes and commands get theirs"() {
        given:
        runbook '''
            @Target Node node
            step('change') {
                note node.sql.execute('update t set a = 1')
                note node.sql.returning(Row.of([lsn: '0/0']), 'select pg_switch_wal() as lsn').text('lsn')
                note node.ssh.read('df', '-P').lines().size()
                note node.ssh.run('systemctl', 'restart', 'cron').exit()
                null
            }'''
        bed.on('demo/pg1').with {
            sql(~/^update/).answers(3)
            sql(~/pg_switch_wal/).answers(lsn: '0/3000060')
            ssh(~/^df/).answers('a\nb')
            ssh(~/^systemctl/).answers(new Output(4, new byte[0], ''))
        }

        when:
        def run = bed.run('test', 'demo/pg1')

        then:
        run.notes == ['3', '0/3000060', '2', '4']
        run.changes == ['sql demo/pg1 update t set a = 1', 'sql demo/pg1 select pg_switch_wal() as lsn', 'ssh demo/pg1 systemctl restart cron']
    }

    def "a failure is recorded too, and the way back is gone"() {
        given:
        runbook '''
            @Target Cluster cluster
            undo('put it back') { cluster.primary.sql.execute('update t set a = 0') }
            step('change') { cluster.primary.sql.execute('update t set a = 1') }
            step('look') { cluster.standbys.first().ssh.read('df').text() }'''
        bed.on('demo/pg1').sql(~/^update/).answers(1)
        bed.on('demo/pg2').ssh(~/^df/).fails('df ended with exit status 1')

        when:
        def run = bed.run('test', 'demo')

        then:
        run.exit == Exit.FAILED
        run.error == 'df ended with exit status 1'
        run.changes == ['sql demo/pg1 update t set a = 1', 'sql demo/pg1 update t set a = 0']
    }

    def "a node that is out of reach ends the run as such"() {
        given:
        runbook "@Target Node node\nstep('ask') { node.sql.value(Integer, 'select 1') }"
        bed.on('demo/pg2').isOutOfReach()

        expect:
        bed.run('test', 'demo/pg2').exit == Exit.UNREACHABLE
    }

    def "what no answer is recorded for fails the test, which names it, whatever the runbook does about it"() {
        given:
        runbook '''
            @Target Node node
            step('ask') {
                try { node.sql.rows('select surprise') } catch (Exception e) { note 'never mind' }
                null
            }'''

        when:
        bed.run('test', 'demo/pg1')

        then:
        def error = thrown(AssertionError)
        error.message == 'nothing is recorded for sql demo/pg1 select surprise'
    }

    def "a dry run asks, and changes nothing"() {
        given:
        runbook '''
            @Target Cluster cluster
            def rows = step('count') { cluster.primary.sql.value(Long, 'select count(*) from t') }
            step('empty it') { cluster.primary.sql.execute('truncate t') }
            refuseIf rows > 10, 'too many'
            measure 'rows', rows'''
        bed.on('demo/pg1').sql(~/count/).answers(7)

        when:
        def run = bed.dryRun('test', 'demo')

        then:
        run.exit == Exit.DONE
        run.changes == ['sql demo/pg1 truncate t']
        run.value('count') == 7
        run.forecast == ['measure: rows']
    }

    def "which node is the primary can be said"() {
        given:
        runbook "@Target Cluster cluster\nnote cluster.primary\nnote cluster.standbys"
        bed.on('demo/pg1').isStandby()
        bed.on('demo/pg2').isPrimary()

        expect:
        bed.run('test', 'demo').notes == ['pg2', '[pg1]']
    }

    def "a node that the inventory does not have is a mistake of the test"() {
        when:
        bed.on('demo/pg9')

        then:
        thrown(Problem)
    }

    private void runbook(String text) {
        project.resolve('runbooks/test.groovy').toFile().text = text.stripIndent()
    }

    /** What it does, without where it is. */
    private static String essence(String spec) {
        spec.readLines().findAll { !(it =~ /^(package|\/\*\*|import) ?/) }.join('\n').trim().replace('Documented.project()', "Path.of('.')")
    }
}
