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

    def "commits are made to wait for standbys that stream, which a commit proves"() {
        when:
        def shown = run('sync')
        def any = run('sync', '-p', 'standbys=pg2,pg3', '--confirm=demo/pg1')

        then:
        shown.exit == 0
        shown.out.contains('commits wait for nobody')
        any.exit == 0
        any.out =~ /(?m)^a commit: /
        any.out.contains('pg2 has none of its own, which counts once it is promoted')
        demo.ask('pg1', 'show synchronous_standby_names') == 'ANY 1 ("pg2", "pg3")'
        demo.ask('pg1', "select string_agg(application_name, ',' order by application_name) from pg_stat_replication where sync_state = 'quorum'") == 'pg2,pg3'

        when:
        def first = run('sync', '-p', 'standbys=pg3,pg2', '-p', 'method=first', '--confirm=demo/pg1')
        def again = run('sync', '-p', 'standbys=pg3,pg2', '-p', 'method=first')

        then:
        first.exit == 0
        demo.ask('pg1', "select application_name from pg_stat_replication where sync_state = 'sync'") == 'pg3'
        again.out.contains('it is so already')
    }

    def "P65: what would make every commit wait for ever is refused: #why"() {
        when:
        def refused = run('sync', *parameters.collectMany { ['-p', it] }, '--confirm=demo/pg1')

        then:
        refused.exit == 3
        refused.err =~ error
        refused.err.contains('state: nothing was changed')
        demo.ask('pg1', 'show synchronous_standby_names') == 'FIRST 1 ("pg3", "pg2")'

        where:
        why            | parameters                        | error
        'too few'      | ['standbys=pg2,pg3', 'number=3']  | /error: 3 of 2 standbys can never confirm/
        'the primary'  | ['standbys=pg1']                  | /error: pg1 is the primary/
        'contradicted' | ['standbys=pg2', 'nobody=true']   | /error: commits can wait for standbys or for nobody, not both/
    }

    def "P66: a commit that is not confirmed in time takes the change back, and is made all the same"() {
        given: 'the WAL receiver of a standby hangs, which still seems to stream'
        def receiver = demo.ask('pg4', "select pid from pg_stat_activity where backend_type = 'walreceiver'")
        assert "kill -STOP $receiver".execute().waitFor() == 0

        when:
        def failed = run('sync', '-p', 'standbys=pg4', '-p', 'patience=1s', '--confirm=demo/pg1')

        then:
        failed.exit == 1
        failed.err.contains('error: a commit was not confirmed within 1.0 s: 0 of 1 standbys have it')
        failed.out.contains('every commit waits as soon as one of these standbys is lost')
        demo.ask('pg1', 'show synchronous_standby_names') == 'FIRST 1 ("pg3", "pg2")'
        demo.ask('pg1', "select count(*) from pg_stat_activity where wait_event = 'SyncRep'") == 0

        cleanup:
        "kill -CONT $receiver".execute().waitFor()
    }

    def "a standby that does not stream is not named, and commits can wait for nobody again"() {
        given:
        demo.execute('pg4', "alter system set primary_conninfo = 'host=127.0.0.1 port=1 user=replicator'", 'select pg_reload_conf()')
        demo.eventually { demo.ask('pg1', "select count(*) from pg_stat_replication where application_name = 'pg4'") == 0 }

        when:
        def refused = run('sync', '-p', 'standbys=pg2,pg4', '--confirm=demo/pg1')
        def nobody = run('sync', '-p', 'nobody=true', '--confirm=demo/pg1')

        then:
        refused.exit == 3
        refused.err.contains('pg4 does not stream from pg1 under its name "pg4"; commits would wait for it')
        nobody.exit == 0
        demo.ask('pg1', 'show synchronous_standby_names') == ''

        cleanup:
        feed('pg4', 'pg1')
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

    def "P42, P49: a standby is made of a backup and its WAL, and only what comes after that is streamed"() {
        given: 'since the backup the servers had more connections for a while, and rows came that nobody has shipped'
        demo.execute('pg1', "alter system set recovery_target_xid = '1'")
        def id = demo.backup()
        ['pg2', 'pg3', 'pg1'].each { set(it, 'max_connections', 150) }
        set('pg1', 'max_connections', 90)
        demo.execute('pg1', 'insert into t values (10001)')

        when:
        def unknown = run('create-standby', '-p', 'node=pg4', '-p', 'from=repository', '-p', 'backup=20010101T000000Z-full')
        def meant = run('create-standby', '-p', 'node=pg4', '-p', "backup=$id")
        def dry = run('create-standby', '-p', 'node=pg4', '-p', 'from=repository', '--dry-run')

        then:
        [unknown, meant]*.exit == [3, 3]
        meant.err.contains('error: a backup is restored only with from=repository')
        dry.exit == 0
        dry.out.contains('would make sure that the WAL after ' + id + ' leads to what pg1 keeps')
        demo.home('pg4').resolve('data').toFile().list() == [] as String[]
        demo.ask('pg1', "select count(*) from pg_replication_slots where slot_name = 'pg4'") == 0

        when:
        def create = run('create-standby', '-p', 'node=pg4', '-p', 'from=repository', '-v')

        then: 'the primary is asked to make no backup'
        create.exit == 0
        create.out.contains(id)
        !create.out.contains('pg_backup_start')
        demo.ask('pg4', 'select count(*) from t') == 10001
        demo.ask('pg4', 'show cluster_name') == 'pg4'
        demo.ask('pg4', 'show max_connections') == '150'
        demo.ask('pg1', "select active from pg_replication_slots where slot_name = 'pg4'") == true

        and: 'no unfinished restore is left, and what came from the archive is not archived again'
        !demo.home('pg4').resolve('data/RESTORE_UNFINISHED').toFile().exists()
        demo.home('pg4').resolve('data/pg_wal/archive_status').toFile().list().any { it.endsWith('.done') }

        cleanup:
        demo.execute('pg1', 'alter system reset recovery_target_xid')
        run('remove-standby', '-p', 'node=pg4', '--confirm=demo/pg4')
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

    def "P68: a primary whose data are lost, on a host that lives, is failed over once nothing can bring them back as a primary, and made anew"() {
        given:
        demo.execute('pg1', "alter system set synchronous_standby_names = 'ANY 1 (pg2, pg3)'", 'select pg_reload_conf()', 'insert into t values (0)')
        demo.sandbox.kill('pg1')
        demo.sh('pg1', 'mv data lost')

        when: 'nothing on its host keeps its server from being started, should its disk come back'
        def refused = run('failover', '--confirm=demo', '-p', 'acceptUnknownLoss=true')
        def unknown = run('failover', '--confirm=demo', '-p', 'fencedOtherwise=true')

        then:
        refused.exit == 3
        refused.err.contains('error: pg1 has no server process, and its data directory is not to be read')
        refused.err.contains('-p fencedOtherwise=true')
        unknown.exit == 3
        unknown.err.contains('would lose is not known')

        when:
        def failover = run('failover', '--confirm=demo', '-p', 'fencedOtherwise=true', '-p', 'acceptUnknownLoss=true')
        def primary = ['pg2', 'pg3'].find { demo.ask(it, 'select pg_is_in_recovery()') == false }
        def rejoin = run('rejoin', '-p', 'node=pg1')
        def anew = run('create-standby', '-p', 'node=pg1', '-p', 'from=repository')

        then:
        failover.exit == 0
        failover.out.contains('pg1 has no data directory, and is fenced only as far as you know')
        demo.ask(primary, 'select count(*) from t where id = 0') == 1
        rejoin.exit == 3
        rejoin.err.contains('HINT: Make it anew: pgrunbook run replication/create-standby demo -p node=pg1.')
        anew.exit == 0
        demo.ask('pg1', "select count(*) from pg_stat_wal_receiver where status = 'streaming' and sender_port = ${demo.port(primary)}") == 1
    }

    private Cli.Result run(String runbook, Object... more) {
        cli.run('run', "replication/$runbook", 'demo', *more)
    }

    private void set(String node, String setting, Object value) {
        demo.execute(node, "alter system set $setting = '$value'")
        demo.stop(node)
        demo.start(node)
    }

    private void feed(String standby, String upstream) {
        demo.execute(standby, "alter system set primary_conninfo = 'host=127.0.0.1 port=${demo.port(upstream)} user=replicator passfile=../.pgpass'",
            'select pg_reload_conf()')
        demo.eventually { demo.ask(standby, "select count(*) from pg_stat_wal_receiver where status = 'streaming' and sender_port = ${demo.port(upstream)}") == 1 }
    }
}
