package org.pgrunbook.container

import org.pgrunbook.fixtures.ProvingGround
import org.pgrunbook.fixtures.RowWriter
import org.testcontainers.DockerClientFactory
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

import java.nio.file.Files

/**
 * Machines of their own, whose clients come through a PgBouncer; the primary goes from one to the next. Commits wait for a standby,
 * so that none may be lost, whatever dies.
 */
@Stepwise
@Requires(value = { DockerClientFactory.instance().dockerAvailable }, reason = 'there is no Docker')
class HandoverContainerSpec extends Specification {
    @Shared @AutoCleanup ProvingGround ground = ProvingGround.up()

    def "a dry run tells what the pooler would be told, in order, and tells it nothing"() {
        given:
        def before = ground.sh('pool', 'cat pooler/pgbouncer.ini')

        when:
        def dry = switchover('pg2', '--dry-run')

        then:
        dry.exit == 0
        dry.out =~ /(?s)PAUSE "app".*systemctl stop postgresql@15-main.*pg_promote.*RELOAD.*RESUME "app"/
        ground.sh('pool', 'cat pooler/pgbouncer.ini') == before
        !paused()
        ground.writable() == ['pg1']
    }

    def "P83: a switchover holds the clients of a pooler back, leads them to the new primary, and none of them notices"() {
        given:
        def writer = new RowWriter(ground.throughPooler())

        when:
        def switchover = switchover('pg2')
        writer.awaitRows()
        writer.close()

        then:
        switchover.exit == 0
        println "without writes: ${writer.silence.toMillis()} ms, in all: ${(switchover.out =~ /(?m)^done in (.*)/)[0][1]}"
        writer.errors == 0
        writer.lostOn('pg2').empty
        ground.writable() == ['pg2']

        and: 'what else the pooler serves, and every comment, is as it was'
        def ini = ground.sh('pool', 'cat pooler/pgbouncer.ini')
        ini.contains("; the application\napp = host=${ground.address('pg2')} port=5432 dbname=postgres\nelsewhere = host=192.0.2.1 port=5432\n")

        cleanup:
        writer.close()
    }

    def "P83: the clients of a pooler go on after the limit, although whoever held them back was killed"() {
        given:
        def runbook = ground.folder.resolve('held.groovy')
        runbook.toFile().text = '''\
            /** Hold clients back, and never let them go. */
            @Target Cluster cluster
            step('hold them') { cluster.poolers.each { it.pause(cluster.primary, 4.seconds, 2.seconds) } }
            step('hang') { cluster.primary.ssh.read('sleep', '60').text() }
            '''.stripIndent()
        def writer = new RowWriter(ground.throughPooler())

        when:
        def run = ground.cli.start(ground.folder.resolve('held'), [], 'run', runbook, 'orders')
        ground.eventually { assert run.alive: ground.folder.resolve('held').toFile().text; paused() }
        run.destroyForcibly().waitFor()

        then:
        paused()

        when:
        writer.awaitRows()

        then:
        !paused()
        writer.errors == 0
        ground.eventually { !ground.sh('pool', 'ls -A').contains('pgrunbook-pause') }

        cleanup:
        writer.close()
    }

    def "a pooler that could not be held back or pointed elsewhere stops a switchover before it begins: #what"() {
        given:
        ground.sh('pool', prepare)

        when:
        def refused = switchover('pg1')

        then:
        refused.exit == 3
        refused.err =~ "pooler .* can $what"
        refused.err.contains('state: nothing was changed')

        cleanup:
        ground.sh('pool', undo)

        where:
        what                                                              | prepare                            | undo
        'hold its clients back: pool_mode session'                        | console("set pool_mode = session") | console('reload')
        'hold its clients back: app is paused already'                    | console('pause app')               | console('resume app')
        'be pointed elsewhere: /\\S+/pgbouncer.ini cannot be written'     | 'chmod 400 pooler/pgbouncer.ini'   | 'chmod 600 pooler/pgbouncer.ini'
    }

    def "of two responders one fails over, past a standby of a standby, and the clients of a pooler are led to the new primary"() {
        given:
        ground.execute('pg3', "alter system set primary_slot_name = ''",
            "alter system set primary_conninfo = 'host=${ground.address('pg1')} user=postgres application_name=pg3'", 'select pg_reload_conf()')
        ground.eventually { ground.ask('pg1', "select count(*) from pg_stat_replication where state = 'streaming'") == 1 }
        def writer = new RowWriter(ground.throughPooler())

        when:
        ground.signal('pg2', 'KILL')
        def other = ground.cli.start(ground.folder.resolve('other'), [], 'run', 'replication/failover', 'orders', '--confirm=orders', '-p', 'maxLoss=16MB', '-p', 'standby=pg1')
        def failover = failover('-p', 'standby=pg1')

        then: 'the other finds a lock, or a primary that lives'
        [failover.exit, other.waitFor()].sort() in [[0, 3], [0, 4]]

        when:
        writer.awaitRows()
        writer.close()

        then:
        ground.writable() == ['pg1']
        writer.lostOn('pg1').empty
        ground.eventually { writer.lostOn('pg3').empty }

        cleanup:
        writer.close()
    }

    def "P68: the old primary takes no writes when its machine starts again, and is rewound (pg_ctlcluster)"() {
        when:
        ground.powerCycle('pg2')

        then:
        !ground.runs('pg2')

        when:
        def rejoin = rejoin('pg2')

        then:
        rejoin.exit == 0
        ground.ask('pg2', "select status from pg_stat_wal_receiver") == 'streaming'
        ground.writable() == ['pg1']
    }

    def "P68: nor when systemd is its init; and a base backup that was on its way ends in nothing that claims to be one"() {
        given:
        def writer = new RowWriter(ground.throughPooler())
        def backup = ground.cli.start(ground.folder.resolve('backup'), [], 'run', 'backup/base-backup', 'orders', '-p', 'maxRate=1MB')
        ground.eventually { assert backup.alive: ground.folder.resolve('backup').toFile().text; !backedUp().empty }

        when:
        ground.signal('pg1', 'KILL')
        def failover = failover('-p', 'standby=pg3')
        writer.awaitRows()
        writer.close()

        then:
        failover.exit == 0
        backup.waitFor() != 0
        ground.folder.resolve('backup').toFile().text =~ /(?m)^error: (?s:.*)^state: /
        !backedUp().any { it.endsWith('/manifest.json') }
        writer.lostOn('pg3').empty
        ground.sh('pg1', 'readlink /etc/systemd/system/postgresql@15-main.service').strip() == '/dev/null'

        when:
        ground.powerCycle('pg1')

        then:
        !ground.runs('pg1')

        when:
        def rejoin = rejoin('pg1')

        then: 'it runs as that unit'
        rejoin.exit == 0
        ground.sh('pg1', 'cat /proc/$(head -n 1 15/main/postmaster.pid)/cgroup').contains('/postgresql@15-main.service')
        ground.writable() == ['pg3']

        cleanup:
        writer.close()
    }

    def "P69: a primary whose disk is full is not dead as long as it answers; when it is down it is fenced all the same"() {
        given:
        def writer = new RowWriter(ground.throughPooler())
        ground.sh('pg3', 'cat /dev/zero >15/ballast 2>/dev/null || true')

        when:
        def refused = failover()

        then:
        refused.exit == 3
        refused.err.contains('pg3 is not down')

        when: 'it needs one more segment'
        ground.eventually {
            try {
                ground.ask('pg3', 'select pg_switch_wal()::text')
                ground.execute('pg3', "select pg_logical_emit_message(false, 'fill', 'it')")
            } catch (java.sql.SQLException ignored) {
            }
            !ground.runs('pg3')
        }
        def down = failover('-p', 'standby=pg2')
        writer.awaitRows()
        writer.close()

        then:
        down.exit == 0
        ground.writable() == ['pg2']
        writer.lostOn('pg2').empty

        when: 'its commands start it again'
        ground.sh('pg3', 'rm 15/ballast')
        def back = rejoin('pg3')

        then:
        back.exit == 0
        ground.ask('pg3', "select status from pg_stat_wal_receiver") == 'streaming'

        cleanup:
        writer.close()
    }

    def "a primary that lives is left alone when the network is cut #between"() {
        given: 'even somebody who errs, and vouches that he has cut it off'
        def writer = new RowWriter(ground.throughPooler())
        def others = between == 'between it and us' ? ['us'] : ground.NODES - 'pg2'
        ground.silence('pg2', others)

        when:
        def refused = failover('-p', 'fencedOtherwise=true', '-p', 'acceptUnknownLoss=true', '-p', 'silence=2s')

        then:
        refused.exit == 3
        refused.err =~ why
        refused.err.contains('state: nothing was changed')

        cleanup:
        ground.hear('pg2', others)
        writer.close()

        where:
        between                           | why
        'between it and us'               | /pg2 is not down: pg\d heard from it/
        'between it and all its standbys' | /pg2 is not down: it takes writes/
    }

    def "clients that wait for a machine that fell silent are cut off, and led to the new primary"() {
        given:
        def old = ground.writable().first()
        def writer = new RowWriter(ground.throughPooler())

        when: 'nothing comes from it any more, not even a reset, and its standbys have not heard it for a while'
        ground.silence(old, ground.others(old) + 'us')
        def run = null
        ground.eventually { (run = failover('-p', 'fencedOtherwise=true', '-p', 'acceptUnknownLoss=true', '-p', 'silence=2s')).exit == 0 }
        writer.awaitRows()
        writer.close()

        then:
        writer.lostOn(ground.writable().find { it != old }).empty
        run.out =~ /warning: pooler .*: the clients of "app" waited for $old, and were cut off/

        cleanup:
        writer.close()
    }

    private List<String> backedUp() {
        Files.walk(ground.folder.resolve('repository')).withCloseable { it.toList()*.toString().findAll { it.contains('/backups/') } }
    }

    private boolean paused() {
        ground.sh('pool', console('show databases')).readLines().find { it.startsWith(' app ') }.split(/\|/)*.strip()[-2] == '1'
    }

    private static String console(String command) {
        "psql --quiet --host=127.0.0.1 --port=6432 --command='$command' pgbouncer"
    }

    /** Some WAL is lost wherever a primary dies with a commit on its way; what was acknowledged is not. */
    private failover(Object... parameters) {
        ground.cli.run('run', 'replication/failover', 'orders', '--confirm=orders', '-p', 'maxLoss=16MB', *parameters)
    }

    private rejoin(String node) {
        ground.cli.run('run', 'replication/rejoin', 'orders', '-p', "node=$node", "--confirm=orders/$node")
    }

    private switchover(String standby, Object... parameters) {
        ground.cli.run('run', 'replication/switchover', 'orders', '--confirm=orders', '-p', "standby=$standby", *parameters)
    }
}
