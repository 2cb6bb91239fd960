package org.pgrunbook.replication

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Specification

class FailoverChoiceSpec extends Specification {
    @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)

    def "P62, P63: the more advanced standby wins, whatever the priorities"() {
        given: 'pg2 has lost its connection some rows ago'
        demo.execute('pg1', 'create table t (id int)')
        cutOff('pg2')
        demo.execute('pg1', 'insert into t select generate_series(1, 1000)')
        demo.eventually { demo.ask('pg3', 'select count(*) from t') == 1000 }
        demo.sandbox.kill('pg1')
        def inventory = demo.inventory(with('pg2', 'priority: 100'))

        when: 'the lagging one is asked for'
        def refused = inventory.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'standby=pg2')

        then: 'P65: what it would lose is known to the byte, and too much'
        refused.exit == 3
        refused.err =~ /promoting pg2 would lose [\d.]+ kB of WAL, more than 0 B/
        refused.err.contains('state: nothing was changed')

        when:
        def failover = inventory.run('run', 'replication/failover', 'demo', '--confirm=demo')

        then: 'pg2 follows as well: it is behind the fork'
        failover.exit == 0
        demo.ask('pg3', 'select pg_is_in_recovery()') == false
        demo.ask('pg3', 'select count(*) from t') == 1000
        demo.eventually { demo.ask('pg2', 'select count(*) from t') == 1000 }
    }

    def "P80: a standby that is ahead of the fork is not made to follow, but told to be repaired"() {
        given:
        demo.execute('pg1', 'create table t (id int)')
        cutOff('pg2')
        demo.execute('pg1', 'insert into t select generate_series(1, 1000)')
        demo.eventually { demo.ask('pg3', 'select count(*) from t') == 1000 }
        demo.sandbox.kill('pg1')

        when: 'the loss is accepted'
        def failover = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'standby=pg2', '-p', 'maxLoss=16MB')

        then:
        failover.exit == 0
        demo.ask('pg2', 'select count(*) from t') == 0
        failover.out =~ /pg3 does not follow: it has applied WAL up to .*, beyond .* where timeline 2 begins; rewind or reclone it .*replication\/rejoin demo -p node=pg3/
        demo.ask('pg3', "select current_setting('primary_conninfo')") =~ "port=${demo.port('pg1')}"
    }

    def "P64: what was put aside on purpose is not promoted"() {
        given:
        demo.sandbox.kill('pg1')

        expect: 'it is refused if asked for by name, and else another one is chosen'
        isPutAside('failover: never', demo.inventory(with('pg2', 'failover: never')))

        when:
        demo.execute('pg2', 'select pg_wal_replay_pause()')

        then:
        isPutAside('replay is paused', preferring)

        when:
        demo.execute('pg2', 'select pg_wal_replay_resume()', "alter system set recovery_min_apply_delay = '1h'", 'select pg_reload_conf()')

        then:
        isPutAside('recovery_min_apply_delay holds it back', preferring)
    }

    def "P68: a hung primary is killed, and stays out, once its standbys have given it up"() {
        given:
        ['pg2', 'pg3'].each { demo.execute(it, "alter system set wal_receiver_timeout = '2s'", 'select pg_reload_conf()') }
        demo.signal('pg1', 'STOP')
        demo.eventually { ['pg2', 'pg3'].every { demo.ask(it, 'select count(*) from pg_stat_wal_receiver where status = \'streaming\'') == 0 } }

        when:
        def failover = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo')

        then:
        failover.exit == 0
        failover.out =~ /(?m)^gathering the evidence: /
        demo.ask('pg2', 'select pg_is_in_recovery()') == false
        demo.serverProcesses('pg1') == []

        and: 'all witnesses were asked at the same time, and the silent server no more than once for the evidence and once before it was killed'
        def told = demo.folder.resolve('state/runs').toFile().listFiles().find { it.name.endsWith('.jsonl') }.readLines().collect { Json.object(it) }
        def silence = told.findIndexOf { it.event == 'operation-ended' && who(it) == 'sql demo/pg1' }
        told.take(silence).findAll { it.event == 'operation-started' }.collect { who(it) }.containsAll(
            ['sql demo/pg1', 'ssh demo/pg1', 'sql demo/pg2', 'sql demo/pg3'])
        told.count { it.event == 'operation-started' && who(it) == 'sql demo/pg1' } == 2
    }

    private static String who(Map<String, ?> event) {
        "$event.operation.wire $event.operation.node"
    }

    private void isPutAside(String why, Cli inventory) {
        def asked = inventory.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'standby=pg2')
        assert asked.exit == 3
        assert asked.err.contains("error: pg2 cannot be promoted: $why")
        def chosen = inventory.run('run', 'replication/failover', 'demo', '--dry-run')
        assert chosen.exit == 0
        assert chosen.out.contains('Promote pg3 and lose no WAL?')
    }

    private Cli getPreferring() {
        demo.inventory(with('pg2', 'priority: 100'))
    }

    /** It keeps what it has, and gets no more. */
    private void cutOff(String node) {
        demo.eventually { demo.ask('pg1', 'select pg_current_wal_lsn()::text') == demo.ask(node, 'select pg_last_wal_replay_lsn()::text') }
        demo.execute(node, "alter system set primary_conninfo = 'host=127.0.0.1 port=1 user=replicator passfile=../.pgpass'", 'select pg_reload_conf()')
        demo.eventually { demo.ask(node, 'select count(*) from pg_stat_wal_receiver') == 0 }
    }

    private String with(String node, String key) {
        demo.sandbox.inventory().toFile().text.replaceFirst("($node:\n)(\\s+)", "\$1\$2$key\n\$2")
    }
}
