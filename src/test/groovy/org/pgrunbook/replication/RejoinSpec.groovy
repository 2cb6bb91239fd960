package org.pgrunbook.replication

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Specification

class RejoinSpec extends Specification {
    static final DEBIAN = '/usr/lib/postgresql/15/bin'

    @AutoCleanup DemoSandbox demo

    def "P77: an old primary whose WAL ends where the new timeline begins comes back as it is"() {
        given:
        demo = DemoSandbox.up(17)
        demo.execute('pg1', 'create table t as select generate_series(1, 1000) as id',
            "select pg_create_physical_replication_slot('pg3', true) where not exists (select from pg_replication_slots where slot_name = 'pg3')")
        demo.caughtUp('pg2', 'pg3')
        demo.sandbox.kill('pg1')
        assert demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo').exit == 0
        demo.execute('pg2', 'insert into t values (1001)')

        when:
        def rejoin = rejoin('pg1')

        then:
        rejoin.exit == 0
        rejoin.out =~ /way +follow/
        follows('pg1', 'pg2')
        demo.ask('pg1', 'select count(*) from t') == 1001
        demo.ask('pg2', "select string_agg(slot_name, ',' order by slot_name) from pg_replication_slots where active") == 'pg1,pg3'

        and: 'P81: it keeps no WAL for those who have gone'
        demo.ask('pg1', 'select count(*) from pg_replication_slots') == 0

        when: 'it is asked once more, of a standby that is fine'
        def again = this.rejoin('pg1')
        def primary = this.rejoin('pg2')

        then:
        again.exit == 0
        primary.exit == 3
        primary.err.contains('error: pg2 is the primary')

        when: 'P49: the primary has more connections than its own configuration says, and a clone was asked for'
        demo.execute('pg2', 'alter system set max_connections = 150')
        demo.stop('pg2')
        demo.start('pg2')
        def cloned = this.rejoin('pg1', '-p', 'way=clone', '--confirm=demo/pg1')

        then:
        cloned.exit == 0
        cloned.out.contains('give up no WAL')
        demo.ask('pg1', 'show max_connections') == '150'
        follows('pg1', 'pg2')
    }

    def "P75, P76, P78, P79: those that went beyond the fork are cloned, from the primary or the repository, after what they lose was told and kept"() {
        given: 'the segment before is archived by nobody, and pg2 has not got the last rows'
        demo = DemoSandbox.up(18)
        assert demo.backup()
        demo.execute('pg1', "alter system set archive_command = 'false'", 'select pg_reload_conf()', 'create table t (id int)')
        def unarchived = demo.ask('pg1', 'select pg_walfile_name(pg_current_wal_lsn())')
        demo.execute('pg1', 'select pg_switch_wal()', 'insert into t values (0)')
        demo.cutOff('pg2')
        demo.execute('pg1', 'insert into t select generate_series(1, 1000)')
        demo.eventually { demo.ask('pg3', 'select count(*) from t') == 1001 }
        demo.sandbox.kill('pg1')
        assert demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'standby=pg2', '-p', 'maxLoss=16MB').exit == 0

        when: 'nobody agrees, or wants the impossible'
        def asked = rejoin('pg1')
        def impossible = rejoin('pg1', '-p', 'way=follow')

        then:
        asked.exit == 3
        asked.err =~ /Bring pg1 back by clone, and give up [\d.]+ kB of WAL, 0\/\w+ to 0\/\w+ of timeline 1\?/
        impossible.exit == 3
        impossible.err =~ /error: pg1 cannot come back by follow: its WAL goes beyond 0\/\w+, where timeline 2 began/
        demo.home('pg1').toFile().list().count { it.startsWith('data.2') } == 0

        when:
        def dead = rejoin('pg1', '--confirm=demo/pg1')
        def running = rejoin('pg3', '--confirm=demo/pg3', '-p', 'from=repository', '-v')

        then:
        dead.exit == 0
        running.exit == 0
        !running.out.contains('pg_backup_start')
        ['pg1', 'pg3'].every { follows(it, 'pg2') }
        ['pg1', 'pg3'].every { node -> demo.eventually { demo.ask(node, 'select count(*) from t') == 1 } ?: true }

        and: 'nothing was deleted, and each has its own configuration'
        def aside = demo.home('pg1').toFile().listFiles().find { it.name.startsWith('data.2') }
        new File(aside, 'global/pg_control').exists()
        demo.ask('pg1', 'show cluster_name') == 'pg1'
        demo.ask('pg3', 'show cluster_name') == 'pg3'

        and: 'what only the dead host had of the common history is in the repository'
        demo.repository().resolve("wal/00000001").toFile().list().any { it.startsWith(unarchived) }

        and:
        demo.cli.run('status').out =~ /(?m)^pg2 +primary +2 .*\n├─ pg1 +standby +2 .*\n└─ pg3 +standby +2 /
    }

    @Requires(value = { new File(RejoinSpec.DEBIAN, 'pg_rewind').canExecute() }, reason = 'there is no pg_rewind')
    def "P73, P74: where the host has pg_rewind a crashed primary is rewound"() {
        given:
        demo = DemoSandbox.up(15)
        demo.execute('pg1', 'create table t (id int)')
        ['pg2', 'pg3'].each { demo.cutOff(it) }
        demo.execute('pg1', 'insert into t select generate_series(1, 1000)')
        demo.sandbox.kill('pg1')
        assert demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'standby=pg2', '-p', 'maxLoss=16MB').exit == 0
        demo.execute('pg2', 'insert into t values (1)')
        def text = demo.sandbox.inventory().toFile().text
        def debian = demo.inventory(text.replaceFirst('(?s)(pg1:.*?bin: )"[^"]+"', "\$1\"$DEBIAN\""))

        when:
        def rejoin = debian.run('run', 'replication/rejoin', 'demo', '-p', 'node=pg1', '--confirm=demo/pg1')

        then:
        rejoin.exit == 0
        rejoin.out =~ /way +rewind/
        rejoin.out.contains('> rewind it')
        follows('pg1', 'pg2')
        demo.ask('pg1', 'select count(*) from t') == 1
        demo.ask('pg1', 'show cluster_name') == 'pg1'

        and: 'the WAL that was given up is kept'
        demo.home('pg1').toFile().listFiles().find { it.name.startsWith('data.2') }.toPath().resolve('pg_wal').toFile().list()
    }

    private Cli.Result rejoin(String node, Object... more) {
        demo.cli.run('run', 'replication/rejoin', 'demo', '-p', "node=$node", *more)
    }

    private boolean follows(String standby, String primary) {
        demo.ask(standby, "select count(*) from pg_stat_wal_receiver where status = 'streaming' and sender_port = ${demo.port(primary)}") == 1
    }
}
