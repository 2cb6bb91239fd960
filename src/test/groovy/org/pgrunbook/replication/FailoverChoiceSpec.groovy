package org.pgrunbook.replication

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Specification

import java.sql.SQLException

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

        then: 'P65, P86: what it would lose is known to the byte from the WAL of the dead primary, and too much'
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

    def "P65: WAL of which no client was told that it is committed is no loss, if enough of those who confirm can be asked"() {
        given: 'a commit that waits for standbys which are cut off, when the primary dies'
        demo.execute('pg1', 'create table t (id int)', "alter system set synchronous_standby_names = 'ANY 1 (pg2, pg3)'", 'select pg_reload_conf()')
        demo.eventually { demo.ask('pg1', "select count(*) from pg_stat_replication where sync_state = 'quorum'") == 2 }
        demo.execute('pg1', 'insert into t values (1)')
        ['pg2', 'pg3'].each { cutOff(it) }
        Thread.startDaemon {
            try {
                demo.execute('pg1', 'insert into t values (2)')
            } catch (SQLException ignored) {
                // Its server dies.
            }
        }
        demo.eventually { demo.ask('pg1', "select count(*) from pg_stat_activity where wait_event = 'SyncRep'") == 1 }
        demo.sandbox.kill('pg1')

        when: 'one of the two says nothing: it may have been the one who confirmed'
        demo.sandbox.kill('pg3')
        def refused = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo')

        then:
        refused.exit == 3
        refused.err =~ /promoting pg2 would lose [\d.]+ (B|kB) of WAL, more than 0 B/

        when:
        demo.start('pg3')
        def failover = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo')

        then:
        failover.exit == 0
        failover.out =~ /lose [\d.]+ (B|kB) of WAL, of which no client was told that it is committed\?/
        demo.ask(['pg2', 'pg3'].find { demo.ask(it, 'select pg_is_in_recovery()') == false }, 'select string_agg(id::text, \' \') from t') == '1'
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

    def "P68: a host that is out of reach is cut off by the hook, on whatever host that runs, or nobody is promoted; what was heard of it is not asked twice"() {
        given: 'an address that swallows all packets'
        def silent = new ServerSocket(0, 1, InetAddress.loopbackAddress)
        def text = demo.sandbox.inventory().toFile().text.replaceFirst(/(pg1:(?s:.*?)ssh: \{ port: )\d+( }\s+sql: \{ port: )\d+/, "\$1$silent.localPort\$2$silent.localPort")
        demo.sandbox.kill('pg1')

        when: 'there is no hook'
        def refused = failover(demo.inventory(text))

        then:
        refused.exit == 3
        refused.err.contains('error: the host of pg1 is out of reach, so nothing proves that it takes no writes')
        refused.err.contains('hook "fence"')

        when: 'there is one, and it fails'
        def failed = failover(demo.inventory(hooked(text, 'fence: { command: "echo no power switch >&2; exit 7" }')))

        then:
        failed.exit == 1
        failed.err =~ /error: .*ended with exit status 7: no power switch/
        demo.ask('pg2', 'select pg_is_in_recovery()') == true

        when: 'it takes too long'
        def late = failover(demo.inventory(hooked(text, 'fence: { command: sleep 100, limit: 1s }')))

        then:
        late.exit == 1
        late.err =~ /error: .*has not ended within 1\.0 s, and was killed/

        when: 'it is only described, of a host that refuses at once'
        def hooks = demo.inventory(hooked(text.replace("port: $silent.localPort", 'port: 1'), """\
            fence: { command: 'env >fenced; echo once >>fences', host: 127.0.0.1, ssh: { port: ${sshPort('pg4')} } }
            promoted: { command: 'env >$demo.folder/promoted; cat $demo.folder/sandbox/secrets/sql-password; echo once >>$demo.folder/promotions; [ \$(wc -l <$demo.folder/promotions) -gt 1 ] || sleep 60; exit 3' }"""))
        def described = failover(hooks, '--dry-run')

        then:
        described.exit == 0
        described.out =~ /would ssh demo\/127.0.0.1 env PGRUNBOOK_CLUSTER=demo PGRUNBOOK_NODE=pg1 PGRUNBOOK_HOST=127.0.0.1 PGRUNBOOK_PORT=1 sh -c 'env >/
        described.out =~ /would local demo env PGRUNBOOK_CLUSTER=demo PGRUNBOOK_NODE=pg2 /
        !demo.home('pg4').resolve('fenced').toFile().exists()

        when: 'it ends well, and the run is killed while the other one is at work'
        def run = hooks.start(demo.folder.resolve('run'), [], 'run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'silence=1min', '-p', 'acceptUnknownLoss=true')
        demo.eventually { assert run.alive: demo.folder.resolve('run').toFile().text; demo.folder.resolve('promotions').toFile().exists() }
        run.destroyForcibly().waitFor()
        def killed = demo.folder.resolve('run').toFile().text
        def done = hooks.run('resume', 'last', '--confirm=demo')

        then: 'it is told that this is what fenced it, and no secret that the hook printed'
        done.exit == 0
        killed.contains('pg1 is fenced: hook "fence" on 127.0.0.1 ended well')
        done.out.contains('pg1 is out, fenced by hook "fence" on 127.0.0.1')
        [killed, done.out].every { !it.contains(demo.folder.resolve('sandbox/secrets/sql-password').toFile().text.trim()) }

        and: 'the one whose end was heard was called once, the other again'
        demo.home('pg4').resolve('fences').toFile().readLines().size() == 1
        demo.folder.resolve('promotions').toFile().readLines().size() == 2
        demo.ask('pg2', 'select pg_is_in_recovery()') == false

        and: 'both hooks knew what it was about, and the one that failed is left to repair'
        demo.home('pg4').resolve('fenced').toFile().readLines().containsAll(['PGRUNBOOK_CLUSTER=demo', 'PGRUNBOOK_NODE=pg1', 'PGRUNBOOK_HOST=127.0.0.1'])
        demo.folder.resolve('promoted').toFile().readLines().containsAll(['PGRUNBOOK_NODE=pg2', "PGRUNBOOK_PORT=${demo.port('pg2')}".toString(), 'PGRUNBOOK_FORMER_NODE=pg1'])
        done.out =~ /hook "promoted" failed: .* exit status 3 +do by hand what it does: env >/

        cleanup:
        silent?.close()
    }

    private Cli.Result failover(Cli cli, String... more) {
        cli.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'silence=3s', '-p', 'acceptUnknownLoss=true', *more)
    }

    private int sshPort(String node) {
        (demo.sandbox.inventory().toFile().text =~ /(?s)$node:.*?ssh: \{ port: (\d+)/)[0][1] as int
    }

    private static String hooked(String inventory, String hooks) {
        inventory.replaceFirst(/(?m)^    repository: main$/, java.util.regex.Matcher.quoteReplacement("    repository: main\n    hooks:\n" + hooks.stripIndent().readLines().collect { "      $it" }.join('\n')))
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

    private long lsn(String node) {
        demo.ask(node, "select ((case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end) - '0/0')::bigint") as long
    }

    private String with(String node, String key) {
        demo.sandbox.inventory().toFile().text.replaceFirst("($node:\n)(\\s+)", "\$1\$2$key\n\$2")
    }
}
