package org.pgrunbook.replication

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

/** One sandbox, whose spare becomes a standby and goes again. */
@Stepwise
class StandbysSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(16)
    @Shared Cli cli = demo.inventory(demo.sandbox.inventory().toFile().text)

    def "a spare becomes a standby of the primary while rows are written, and the inventory says so"() {
        given:
        demo.execute('pg1', 'create table t as select generate_series(1, 10000) as id', 'create unlogged table u as select 1 as id')

        when:
        def create = run('create-standby', '-p', 'node=pg4', '-p', 'writeInventory=true')

        then:
        create.exit == 0
        cli.run('inventory', 'demo').out =~ /pg4 +standby/
        demo.ask('pg4', 'select pg_is_in_recovery()') == true
        demo.ask('pg4', 'select count(*) from t') == 10000
        demo.ask('pg4', 'show cluster_name') == 'pg4'
        demo.ask('pg1', "select active from pg_replication_slots where slot_name = 'pg4'") == true
        cli.run('status').out =~ /(?m)^└─ pg4 +standby +1 .* async /

        and: 'the backup of the copy is over'
        demo.ask('pg1', "select count(*) from pg_stat_activity where application_name like 'pgrunbook/%'") == 0
    }

    def "a member of the cluster is not made one again"() {
        when:
        def again = run('create-standby', '-p', 'node=pg4')

        then:
        again.exit == 3
        again.err.contains('error: pg4 is a member of the cluster already')
    }

    def "a standby that feeds another is not removed, nor is the primary"() {
        given:
        demo.execute('pg4', "select pg_create_physical_replication_slot('pg3', true)")
        feed('pg3', 'pg4')

        expect:
        run('remove-standby', '-p', 'node=pg4', '--confirm=demo/pg4').err.contains('error: pg3 stream from pg4')
        run('remove-standby', '-p', 'node=pg1', '--confirm=demo/pg1').err.contains('error: pg1 is the primary')

        cleanup:
        feed('pg3', 'pg1')
    }

    def "nor is the only one that commits wait for"() {
        given:
        demo.execute('pg1', "alter system set synchronous_standby_names = 'pg4'", 'select pg_reload_conf()')
        demo.eventually { demo.ask('pg1', "select count(*) from pg_stat_replication where sync_state = 'sync'") == 1 }

        expect:
        run('remove-standby', '-p', 'node=pg4', '--confirm=demo/pg4').err.contains('error: commits would wait: pg4 is the only synchronous standby')

        cleanup:
        demo.execute('pg1', 'alter system reset synchronous_standby_names', 'select pg_reload_conf()')
    }

    def "P81: a standby is stopped, and its slot goes with it"() {
        when:
        def remove = run('remove-standby', '-p', 'node=pg4', '--confirm=demo/pg4', '-p', 'writeInventory=true')

        then:
        remove.exit == 0
        demo.serverProcesses('pg4') == []
        demo.ask('pg1', "select count(*) from pg_replication_slots where slot_name = 'pg4'") == 0
        cli.run('inventory', 'demo').out =~ /pg4 +spare/
        demo.home('pg4').resolve('data/global/pg_control').toFile().exists()
    }

    def "data that is there is refused, or moved aside after asking"() {
        when:
        def refused = run('create-standby', '-p', 'node=pg4')
        def asked = run('create-standby', '-p', 'node=pg4', '-p', 'existing=aside')

        then:
        refused.exit == 3
        refused.err =~ /error: ".*" of pg4 is not empty; -p existing=aside moves it aside/
        asked.exit == 3
        asked.err.contains('--confirm=demo/pg4')

        when:
        def create = run('create-standby', '-p', 'node=pg4', '-p', 'existing=aside', '--confirm=demo/pg4')

        then:
        create.exit == 0
        demo.ask('pg4', 'select count(*) from t') == 10000
        demo.home('pg4').toFile().list().count { it.startsWith('data.2') } == 1

        cleanup:
        def removed = run('remove-standby', '-p', 'node=pg4', '--confirm=demo/pg4')
        assert removed.exit == 0: removed
        demo.clear()
    }

    @Requires(value = { new File(RejoinSpec.DEBIAN, 'postgres').canExecute() }, reason = 'there is no other major version')
    def "P52: a host with another major version is refused"() {
        given:
        def text = demo.sandbox.inventory().toFile().text
        def other = demo.inventory(text.replaceFirst('(?s)(pg4:.*?bin: )"[^"]+"', "\$1\"$RejoinSpec.DEBIAN\""))

        when:
        def refused = other.run('run', 'replication/create-standby', 'demo', '-p', 'node=pg4')

        then:
        refused.exit == 3
        refused.err =~ /error: pg1 is of PostgreSQL 16, but pg4 has "postgres \(PostgreSQL\) 15\./
    }

    def "P12: a tablespace never goes where something is"() {
        given: 'on one machine the primary itself is there'
        def space = demo.sh('pg1', 'mkdir space && cd space && pwd').strip()
        demo.execute('pg1', "create tablespace s location '$space'")

        when:
        def refused = run('create-standby', '-p', 'node=pg4')

        then:
        refused.exit == 3
        refused.err.contains("\"$space\" of pg4 is not empty")
        demo.ask('pg1', "select count(*) from pg_replication_slots where slot_name = 'pg4'") == 0

        cleanup:
        demo.execute('pg1', 'drop tablespace s')
    }

    def "slots that nobody uses are shown with what they keep, and dropped by name only"() {
        given:
        demo.execute('pg1', "select pg_create_physical_replication_slot('forgotten', true)")

        when:
        def shown = run('slots')
        def used = run('slots', '-p', 'drop=pg2', '--confirm=demo/pg1')
        def unknown = run('slots', '-p', 'drop=nobody', '--confirm=demo/pg1')
        def unconfirmed = run('slots', '-p', 'drop=forgotten', '--yes')

        then:
        shown.exit == 0
        shown.out.contains('nobody uses slot "forgotten" on pg1: reserved, it keeps ')
        shown.out.contains('replication/slots demo -p drop=forgotten -p node=pg1')
        used.exit == 3
        used.err.contains('error: slot "pg2" on pg1 is in use')
        unknown.err.contains('error: pg1 has no slot "nobody"')
        unconfirmed.exit == 3

        when:
        def dropped = run('slots', '-p', 'drop=forgotten', '--confirm=demo/pg1')

        then:
        dropped.exit == 0
        demo.ask('pg1', "select count(*) from pg_replication_slots where slot_name = 'forgotten'") == 0
    }

    private Cli.Result run(String runbook, Object... more) {
        cli.run('run', "replication/$runbook", 'demo', *more)
    }

    private void feed(String standby, String upstream) {
        demo.execute(standby, "alter system set primary_conninfo = 'host=127.0.0.1 port=${demo.port(upstream)} user=replicator passfile=../.pgpass'",
            'select pg_reload_conf()')
        demo.eventually { demo.ask(standby, "select count(*) from pg_stat_wal_receiver where status = 'streaming' and sender_port = ${demo.port(upstream)}") == 1 }
    }
}
