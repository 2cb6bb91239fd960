package org.pgrunbook.replication

import org.pgrunbook.fixtures.DemoSandbox
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

    def "P62, P80: a standby that is ahead of the fork is not made to follow, and never promoted, however much it has"() {
        given:
        demo.execute('pg1', 'create table t (id int)')
        cutOff('pg2')
        demo.execute('pg1', 'insert into t select generate_series(1, 500)')
        5.times { demo.execute('pg1', 'select pg_switch_wal()', "select pg_logical_emit_message(true, 'test', 'so that the next segment is begun')") }
        demo.execute('pg1', 'insert into t select generate_series(501, 1000)')
        demo.eventually { demo.ask('pg3', 'select count(*) from t') == 1000 }
        demo.sandbox.kill('pg1')

        when: 'the loss is accepted'
        def failover = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'standby=pg2', '-p', 'maxLoss=1GB')

        then:
        failover.exit == 0
        demo.ask('pg2', 'select count(*) from t') == 0
        failover.out =~ /pg3 does not follow: it has applied WAL up to .*, beyond .* where timeline 2 begins; rewind or reclone it .*replication\/rejoin demo -p node=pg3/
        demo.ask('pg3', "select current_setting('primary_conninfo')") =~ "port=${demo.port('pg1')}"

        when: 'the old primary has come back, and the new one dies'
        assert demo.cli.run('run', 'replication/rejoin', 'demo', '-p', 'node=pg1', '--confirm=demo/pg1').exit == 0
        demo.sandbox.kill('pg2')
        def astray = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'standby=pg3')
        def next = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo')

        then: 'LSNs of two histories are not compared'
        lsn('pg3') > lsn('pg1')
        astray.exit == 3
        astray.err.contains("error: pg3 cannot be promoted: its timeline left the others'")
        next.exit == 0
        demo.ask('pg1', 'select pg_is_in_recovery()') == false
    }

    def "P64: what was put aside on purpose is not promoted: #why"() {
        given:
        prepare.call(demo)
        demo.sandbox.kill('pg1')
        def inventory = demo.inventory(with('pg2', never ? 'failover: never' : 'priority: 100'))

        when:
        def asked = inventory.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'standby=pg2')
        def failover = inventory.run('run', 'replication/failover', 'demo', '--confirm=demo')

        then:
        asked.exit == 3
        asked.err.contains("error: pg2 cannot be promoted: $why")
        failover.exit == 0
        demo.ask('pg3', 'select pg_is_in_recovery()') == false
        demo.ask('pg2', 'select pg_is_in_recovery()') == true

        where:
        why                                     | never | prepare
        'failover: never'                       | true  | { DemoSandbox d -> }
        'replay is paused'                      | false | { DemoSandbox d -> d.execute('pg2', 'select pg_wal_replay_pause()') }
        'recovery_min_apply_delay holds it back' | false | { DemoSandbox d -> d.execute('pg2', "alter system set recovery_min_apply_delay = '1h'", 'select pg_reload_conf()') }
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
        demo.ask('pg2', 'select pg_is_in_recovery()') == false
        demo.sandbox.status().nodes().find { it.name() == 'pg1' }.toString().contains('pg1')
        demo.serverProcesses('pg1') == []
    }

    /** It keeps what it has, and gets no more. */
    private void cutOff(String node) {
        demo.eventually { demo.ask('pg1', 'select pg_current_wal_lsn()::text') == demo.ask(node, 'select pg_last_wal_replay_lsn()::text') }
        demo.execute(node, "alter system set primary_conninfo = 'host=127.0.0.1 port=1 user=replicator passfile=../.pgpass'", 'select pg_reload_conf()')
        demo.eventually { demo.ask(node, 'select count(*) from pg_stat_wal_receiver') == 0 }
    }

    private long lsn(String node) {
        demo.ask(node, "select ((case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end) - '0/0')::bigint") as long
    }

    private String with(String node, String key) {
        demo.sandbox.inventory().toFile().text.replaceFirst("($node:\n)(\\s+)", "\$1\$2$key\n\$2")
    }
}
