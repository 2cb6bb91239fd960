package org.pgrunbook.replication

import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

/** One sandbox, whose cluster gets worse from one feature to the next. */
@Stepwise
class FailoverRefusesSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)

    def "a healthy cluster is refused, and nothing is changed"() {
        when:
        def refused = failover()

        then:
        refused.exit == 3
        refused.err.contains('error: pg1 is not down: it takes writes')
        refused.err.contains('state: nothing was changed')
        isAsItWas()
    }

    def "P69: a primary that lets nobody in is not dead"() {
        given:
        demo.execute('pg1', 'alter system set max_connections = 12', 'alter system set superuser_reserved_connections = 1')
        demo.stop('pg1')
        demo.start('pg1')
        def taken = (1..20).collect { attempt { demo.connect('pg1') } }.findAll()

        when:
        def refused = failover()

        then:
        refused.exit == 3
        refused.err =~ /error: pg1 is not down: it answers: .*too many clients already/

        cleanup:
        taken*.close()
    }

    def "P68: a primary that hangs is not dead as long as its standbys have not given it up"() {
        given:
        demo.signal('pg1', 'STOP')

        when:
        def refused = failover()

        then:
        refused.exit == 3
        refused.err =~ /error: pg1 (is not down: pg\d heard from it|runs and does not answer, but its standbys have not given it up)/
        refused.err.contains('state: nothing was changed')

        cleanup:
        demo.signal('pg1', 'CONT')
    }

    def "P68: an idle primary that only we cannot reach is not taken for dead, even if somebody vouches for that, before its silence proves it"() {
        given: 'an address that swallows all packets'
        def silent = new ServerSocket(0, 1, InetAddress.loopbackAddress)
        def text = demo.sandbox.inventory().toFile().text.replaceFirst(/(pg1:(?s:.*?)ssh: \{ port: )\d+( }\s+sql: \{ port: )\d+/, "\$1$silent.localPort\$2$silent.localPort")
        def cut = demo.inventory(text)

        and: 'standbys whose last message is no proof of life any more, in $patience of receivers'
        ['pg2', 'pg3'].each { demo.execute(it, "alter system set wal_receiver_status_interval = '1s'", "alter system set wal_receiver_timeout = '$patience'", 'select pg_reload_conf()') }

        when:
        def refused = null
        demo.eventually {
            refused = cut.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'silence=2s', '-p', 'fencedOtherwise=true', '-p', 'acceptUnknownLoss=true')
            !refused.err.contains('heard from it')
        }

        then:
        refused.exit == 3
        refused.err =~ "error: the host of pg1 is out of reach, but its standbys have not given it up yet: pg\\d $waits"
        refused.err.contains('state: nothing was changed')
        isAsItWas()

        cleanup:
        ['pg2', 'pg3'].each { demo.execute(it, 'alter system reset wal_receiver_status_interval', 'alter system reset wal_receiver_timeout', 'select pg_reload_conf()') }
        silent?.close()

        where:
        patience | waits
        '10min'  | 'waits for it [45] min( \\d+ s)? more'
        '0'      | 'waits for ever, as its wal_receiver_timeout is 0'
    }

    def "a declared primary that is a standby does not keep work from going on"() {
        given:
        def text = demo.sandbox.inventory().toFile().text
        def swapped = demo.inventory(text.replaceFirst('role: primary', 'role: standby').replaceFirst('(pg2:\\s+host: 127.0.0.1\\s+role: )standby', '$1primary'))

        when:
        def backup = swapped.run('run', 'backup/base-backup', 'demo')

        then:
        backup.exit == 0
        backup.out =~ /pg1 is the primary, not as the inventory declares; edit it, or let replication\/write-roles do it:\n.*\.yml:\d+: role: standby -> role: primary/
    }

    def "two primaries are refused by every runbook, and both are named"() {
        given:
        demo.ask('pg2', 'select pg_promote()')

        expect:
        [failover(), demo.cli.run('run', 'backup/base-backup', 'demo')].every {
            it.exit == 3 && it.err =~ /cluster "demo" has 2 writable primaries: pg1 \(timeline 1, .*\) and pg2 \(timeline 2, .*\)/
        }
    }

    def "no primary at all is refused by a backup"() {
        given:
        demo.stop('pg1')
        demo.stop('pg2')

        when:
        def refused = demo.cli.run('run', 'backup/base-backup', 'demo')

        then:
        refused.exit == 3
        refused.err.contains('cluster "demo" has no writable primary')
        refused.err.contains('replication/failover demo')
    }

    private Cli.Result failover(Object... more) {
        demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo', *more)
    }

    private void isAsItWas() {
        assert demo.ask('pg1', 'select pg_is_in_recovery()') == false
        assert demo.ask('pg1', "select count(*) from pg_stat_replication where state = 'streaming'") == 2
        assert !demo.home('pg1').resolve('data/standby.signal').toFile().exists()
    }

    private static <T> T attempt(Closure<T> body) {
        try {
            body()
        } catch (java.sql.SQLException ignored) {
            null
        }
    }
}
