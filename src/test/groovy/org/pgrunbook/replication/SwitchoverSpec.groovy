package org.pgrunbook.replication

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.RowWriter
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

/** One sandbox, whose primary goes from node to node. */
@Stepwise
class SwitchoverSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)

    def "P70, P79, P81: a standby takes over while rows are written, none is lost, and the old primary follows it"() {
        given: 'nobody sits this interval out'
        ['pg1', 'pg2', 'pg3'].each { demo.execute(it, "alter system set wal_retrieve_retry_interval = '60s'", 'select pg_reload_conf()') }
        def writer = new RowWriter(demo)

        when:
        def switchover = switchover('-p', 'standby=pg2')
        writer.awaitRows()
        writer.close()

        then:
        switchover.exit == 0
        println "without writes: ${writer.silence.toMillis()} ms, in all: ${(switchover.out =~ /(?m)^done in (.*)/)[0][1]}"
        writer.lostOn('pg2').empty

        and: 'every check is told'
        switchover.out =~ /pg2 streams +streaming +fine/
        switchover.out =~ /pg1 can be a standby of pg2 +its settings suffice +fine/
        switchover.out =~ /pg1 can be stopped and started from its host +pg_ctl +fine/

        and: 'all others stream from it by slots of their own, and no slot is left behind'
        demo.ask('pg2', "select string_agg(slot_name, ',' order by slot_name) from pg_replication_slots where active") == 'pg1,pg3'
        ['pg1', 'pg3'].every { demo.ask(it, 'select count(*) from pg_replication_slots') == 0 }
        demo.eventually { ['pg1', 'pg3'].every { writer.lostOn(it).empty } }
        demo.cli.run('status').out =~ /(?m)^pg2 +primary +2 .*\n├─ pg1 +standby +2 .*\n└─ pg3 +standby +2 /

        cleanup:
        writer.close()
        ['pg1', 'pg2', 'pg3'].each { demo.execute(it, 'alter system reset wal_retrieve_retry_interval', 'select pg_reload_conf()') }
    }

    def "P85: what the old primary had archived is shipped, so that a restore reaches across the switchover"() {
        expect:
        demo.backup()
        switchover('-p', 'standby=pg3').exit == 0

        when:
        demo.execute('pg3', 'create table after_switchover ()')
        demo.ship()
        def restore = demo.restore()

        then:
        restore.exit == 0
        demo.ask('pg4', "select count(*) from pg_class where relname = 'after_switchover'") == 1

        cleanup:
        demo.clear()
    }

    def "P67: commits that wait for a standby go on as soon as one follows the new primary, and none is lost"() {
        given:
        ['pg1', 'pg2', 'pg3'].each { demo.execute(it, "alter system set synchronous_standby_names = 'ANY 1 (pg1, pg2, pg3)'", 'select pg_reload_conf()') }
        def writer = new RowWriter(demo)

        when:
        def there = switchover('-p', 'standby=pg2')
        def back = switchover('-p', 'standby=pg3')
        writer.awaitRows()
        writer.close()

        then:
        [there, back].every { it.exit == 0 && it.out.contains('> see whether commits are confirmed') && !it.out.contains('a commit waited') }
        writer.lostOn('pg3').empty

        cleanup:
        writer.close()
        ['pg1', 'pg2', 'pg3'].each { demo.execute(it, 'alter system reset synchronous_standby_names', 'select pg_reload_conf()') }
    }

    def "P66: a commit that waits for a standby nobody has is made, and given up waiting for, with a warning"() {
        given:
        demo.execute('pg3', "alter system set synchronous_standby_names = 'nobody'", 'select pg_reload_conf()')
        def runbook = demo.folder.resolve('prove.groovy').toFile()
        runbook.text = '@Target Node node\nstep("prove it") { node.proveLocalWrite(1.seconds) }\nstep("prove it to all") { node.proveWrite(1.seconds) }\n'

        when:
        def proof = demo.cli.run('run', runbook, 'demo/pg3')

        then:
        proof.exit == 0
        proof.out =~ /(?s)> prove it to all.*warning: pg3 takes writes, but a commit waited 1.0 s for synchronous standbys/

        cleanup:
        demo.execute('pg3', 'alter system reset synchronous_standby_names', 'select pg_reload_conf()')
    }

    def "P71: what fails before the promotion lets the old primary take writes again"() {
        given: 'the candidate stops applying just before the proof'
        def runbook = demo.folder.resolve('half.groovy').toFile()
        runbook.text = new File(System.getProperty('pgrunbook.home'), 'runbooks/replication/switchover.groovy').text
            .replace("def last = step(", "step('somebody pauses replay') { candidate.sql.execute('select pg_wal_replay_pause()') }\ndef last = step(")
        def writer = new RowWriter(demo)

        when:
        def failed = demo.cli.run('run', runbook, 'demo', '--confirm=demo', '-p', 'standby=pg1', '-p', 'patience=2s')
        writer.awaitRows()
        writer.close()

        then:
        failed.exit == 1
        failed.err =~ /error: waited 2.0 s in vain until pg1 has applied the last record, at /
        failed.out.contains('undo: let pg3 take writes again')
        demo.ask('pg3', 'select pg_is_in_recovery()') == false
        !demo.home('pg3').resolve('data/standby.signal').toFile().exists()
        writer.lostOn('pg3').empty

        and: 'the slots that were made for it are gone'
        demo.ask('pg1', 'select count(*) from pg_replication_slots') == 0

        cleanup:
        demo.execute('pg1', 'select pg_wal_replay_resume()')
    }

    def "what stands in the way is told, all of it, and nothing is changed: #what"() {
        given:
        def open = prepare.call(demo)

        when:
        def refused = switchover(*parameters)

        then:
        refused.exit == 3
        refused.err =~ error
        refused.err.contains('state: nothing was changed')
        demo.ask('pg3', 'select pg_is_in_recovery()') == false

        cleanup:
        open instanceof Closeable ? open.close() : open instanceof AutoCloseable ? open.close() : null
        undo.call(demo)

        where:
        what                       | parameters                    | error                                                           | prepare | undo
        'a long transaction'       | ['-p', 'maxTransaction=1ms']  | /transactions older than 1 ms: 1/                               | { d -> d.connect('pg3').tap { autoCommit = false; createStatement().execute('select txid_current()') } } | { d -> }
        'P82: a logical slot'      | ['-p', 'standby=pg1']         | /logical slots: pg1 lacks \[feed\]/                             | { d -> logical(d) } | { d -> d.execute('pg3', "select pg_drop_replication_slot('feed')") }
        'P64: paused replay'       | ['-p', 'standby=pg1']         | /pg1 cannot be promoted: replay is paused/                      | { d -> d.execute('pg1', 'select pg_wal_replay_pause()') } | { d -> d.execute('pg1', 'select pg_wal_replay_resume()') }
        'the primary itself'       | ['-p', 'standby=pg3']         | /pg3 cannot be promoted: is no standby of this cluster/         | { d -> } | { d -> }
        'nobody agrees'            | ['--yes']                     | /nobody is there to answer: Promote pg\d in place of pg3\?/     | { d -> } | { d -> }
    }

    def "P49: a primary whose settings would not do for a standby of the candidate is refused"() {
        given:
        demo.execute('pg1', 'alter system set max_connections = 150')
        demo.stop('pg1')
        demo.start('pg1')

        when:
        def refused = switchover('-p', 'standby=pg1')

        then:
        refused.exit == 3
        refused.err.contains('pg3 can be a standby of pg1: max_connections 100 is less than 150')

        cleanup:
        demo.execute('pg1', 'alter system reset max_connections')
        demo.stop('pg1')
        demo.start('pg1')
    }

    def "P4: a host whose data directory is not the primary's is not acted upon, though it is of the same database system"() {
        given:
        def text = demo.sandbox.inventory().toFile().text
        def elsewhere = demo.inventory(text.replace("${demo.home('pg3')}/data", "${demo.home('pg1')}/data"))

        when:
        def switchover = elsewhere.run('run', 'replication/switchover', 'demo', '--confirm=demo')
        def copy = elsewhere.run('run', 'replication/create-standby', 'demo', '-p', 'node=pg4')

        then:
        switchover.exit == 3
        switchover.err.contains('pg3 can be stopped and started from its host: its data directory is not that of the server')
        copy.exit == 3
        copy.err =~ /error: ".*pg1\/data" on the host of pg3 is not the data directory of its server/
    }

    def "P83: a pooler or a hook that cannot be told stands in the way, unless somebody else takes care of it"() {
        given:
        def text = demo.sandbox.inventory().toFile().text.replaceFirst(/(?m)^( +)repository: main$/, '$0\n$1poolers: [ { pgbouncer: { host: 127.0.0.1 } } ]\n$1hooks: { promoted: { command: no-such-program --now } }')
        def pooled = demo.inventory(text)

        when:
        def refused = pooled.run('run', 'replication/switchover', 'demo', '--confirm=demo')
        def ignored = demo.inventory(text.replace('no-such-program --now', 'cat')).run('run', 'replication/switchover', 'demo', '--dry-run', '-p', 'poolers=ignore')

        then:
        refused.exit == 3
        refused.err.contains('pooler 127.0.0.1:6432 can be told: ')
        refused.err.contains('hook "promoted" can be called: no-such-program is not there')
        ignored.exit == 0
        ignored.out =~ /poolers +somebody else points them to pg\d +warning/
        ignored.out =~ /hook "promoted" can be called +cat +fine/
        ignored.out =~ /would local demo env PGRUNBOOK_CLUSTER=demo PGRUNBOOK_NODE=pg1 .*PGRUNBOOK_FORMER_NODE=pg3 /
    }

    private Cli.Result switchover(Object... more) {
        demo.cli.run('run', 'replication/switchover', 'demo', *('--yes' in more ? [] : ['--confirm=demo']), *more)
    }

    private static void logical(DemoSandbox demo) {
        demo.execute('pg3', 'alter system set wal_level = logical')
        demo.stop('pg3')
        demo.start('pg3')
        demo.execute('pg3', "select pg_create_logical_replication_slot('feed', 'test_decoding')")
        demo.eventually { demo.ask('pg3', "select count(*) from pg_stat_replication where state = 'streaming'") == 2 }
    }
}
