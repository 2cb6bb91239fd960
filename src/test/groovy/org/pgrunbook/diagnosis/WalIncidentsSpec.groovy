package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Practice
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Timeout

import java.util.concurrent.TimeUnit

/** What keeps WAL from going where it should: each incident is created by its drill and solved by its playbook. */
@Timeout(300)
class WalIncidentsSpec extends Specification {
    @Shared @AutoCleanup Practice practice = new Practice(DemoSandbox.up(18))

    def "#incident is named first by triage, looked at by warning and solved by critical, with nobody else touched"() {
        given:
        def drill = practice.drill(incident)
        def untouchable = practice.untouchable()

        when:
        def first = practice.triageNames(incident)
        def before = state()
        def looked = practice.demo.cli.run('run', "incident/$incident", 'demo')

        then: 'warning only looks, says what it found, and names the next command'
        first.contains("pgrunbook run incident/$incident demo -p node=pg1")
        looked.exit == 0
        looked.out.contains("pgrunbook run incident/$incident demo -p node=pg1 -p severity=critical")
        looked.out =~ finding
        state() == before
        !drill.done

        when: 'nobody agrees'
        def unconfirmed = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'severity=critical', *choice, '--yes')

        then:
        unconfirmed.exit == 3
        unconfirmed.err.contains("--confirm=demo/$where")
        state() == before

        when:
        def acted = practice.demo.cli.run('run', "incident/$incident", 'demo', '-p', 'severity=critical', *choice, "--confirm=demo/$where")

        then: 'it is solved, which ends the drill'
        acted.exit == 0
        with(drill.get(60, TimeUnit.SECONDS)) {
            exit == 0
            out.contains('from incident to solution: ')
        }
        practice.untouchable() == untouchable
        slots() == ['pg2', 'pg3'] as Set

        where:
        incident           | where | choice                                             | finding
        'inactive-slot'    | 'pg1' | ['-p', 'slot=subscriber']                          | /nobody uses slot "subscriber", and it keeps [34]\d(\.\d)? MB of WAL/
        'archiver-failing' | 'pg1' | ['-p', 'command=../archive-wal "%p" "%f"']         | /[0-9A-F]{24} cannot be archived, nothing has been archived for .+; 1 file waits/
        'replication-lag'  | 'pg2' | []                                                 | /"pg2" is [34]\d(\.\d)? MB behind, most of it waits to be replayed/
    }

    def "a slot of a node of the cluster is never dropped, and none that nobody named"() {
        given: 'a standby that is down'
        practice.demo.stop('pg3')
        practice.demo.execute('pg1', "select pg_logical_emit_message(false, 'x', repeat('x', 1048576)) from generate_series(1, 30)")

        when:
        def unnamed = practice.demo.cli.run('run', 'incident/inactive-slot', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')
        def named = practice.demo.cli.run('run', 'incident/inactive-slot', 'demo', '-p', 'severity=critical', '-p', 'slot=pg3', '--confirm=demo/pg1')
        def used = practice.demo.cli.run('run', 'incident/inactive-slot', 'demo', '-p', 'severity=critical', '-p', 'slot=pg2', '--confirm=demo/pg1')

        then:
        unnamed.exit == 3
        unnamed.err.startsWith('error: nothing says which slot to drop; name it, such as -p slot=pg3')
        named.exit == 3
        named.err.startsWith('error: slot "pg3" is that of a node of this cluster')
        used.exit == 3
        used.err.startsWith('error: slot "pg2" is in use, or there is none of that name')
        slots() == ['pg2', 'pg3'] as Set

        cleanup:
        practice.demo.start('pg3')
        practice.demo.eventually { practice.demo.ask('pg1', 'select count(*) from pg_stat_replication') == 2 }
    }

    def "an archive_command that keeps nothing is not set, and one that fails is taken back"() {
        given:
        def drill = practice.drill('archiver-failing')
        practice.triageNames('archiver-failing')
        def before = state()

        when:
        def nothing = practice.demo.cli.run('run', 'incident/archiver-failing', 'demo', '-p', 'severity=critical', '-p', 'command=/bin/true', '--confirm=demo/pg1')
        def failing = practice.demo.cli.run('run', 'incident/archiver-failing', 'demo', '-p', 'severity=critical', '-p', 'command=exit 2', '-p', 'patience=1s', '--confirm=demo/pg1')

        then:
        nothing.exit == 3
        nothing.err.startsWith('error: the command "/bin/true" keeps nothing: no restore would lead past it')
        failing.exit == 1
        failing.out.contains('undo: set the archive_command')
        state() == before

        cleanup:
        practice.demo.execute('pg1', 'alter system reset archive_command', 'select pg_reload_conf()')
        drill?.get(90, TimeUnit.SECONDS)
    }

    private Set<String> slots() {
        (practice.demo.ask('pg1', 'select array_agg(slot_name::text) from pg_replication_slots').array as List<String>).toSet()
    }

    /** What a playbook that only looks must not change. */
    private List<Object> state() {
        [slots(), practice.demo.ask('pg1', "select current_setting('archive_command')"),
         practice.demo.ask('pg2', 'select pg_is_wal_replay_paused()')]
    }
}
