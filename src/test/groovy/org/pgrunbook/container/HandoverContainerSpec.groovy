package org.pgrunbook.container

import org.pgrunbook.fixtures.ProvingGround
import org.pgrunbook.fixtures.RowWriter
import org.testcontainers.DockerClientFactory
import spock.lang.AutoCleanup
import spock.lang.Requires
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

/** Machines of their own, whose clients come through a PgBouncer; the primary goes from one to the next. */
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
        dry.out =~ /(?s)PAUSE "app".*pg_ctlcluster 15 main stop.*pg_promote.*RELOAD.*RESUME "app"/
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

    def "a failover leads the clients of a pooler to the new primary"() {
        given:
        def writer = new RowWriter(ground.throughPooler())

        when:
        ground.signal('pg2', 'KILL')
        def failover = failover('-p', 'maxLoss=16MB')
        writer.awaitRows()
        writer.close()

        then:
        failover.exit == 0
        println "failover: ${(failover.out =~ /from command to first accepted write: (.*)/)[0][1]}, without writes: ${writer.silence.toMillis()} ms"
        ground.writable().size() == 1
        !failover.out.contains('was not told')

        cleanup:
        writer.close()
    }

    def "a former primary of another history is rewound, and follows"() {
        when:
        def rejoin = ground.cli.run('run', 'replication/rejoin', 'orders', '-p', 'node=pg2', '--confirm=orders/pg2')

        then:
        rejoin.exit == 0
        ground.ask('pg2', 'select pg_is_in_recovery()') == true
        ground.ask('pg2', "select status from pg_stat_wal_receiver") == 'streaming'
    }

    def "clients that wait for a machine that fell silent are cut off, and led to the new primary"() {
        given:
        def old = ground.writable().first()
        def writer = new RowWriter(ground.throughPooler())

        when: 'nothing comes from it any more, not even a reset'
        ground.silence(old, ground.others(old) + 'us')
        def failover = failover('-p', 'maxLoss=16MB', '-p', 'fencedOtherwise=true', '-p', 'acceptUnknownLoss=true')
        writer.awaitRows()
        writer.close()

        then:
        failover.exit == 0
        failover.out =~ /warning: pooler .*: the clients of "app" waited for $old, and were cut off/

        cleanup:
        writer.close()
    }

    private boolean paused() {
        ground.sh('pool', console('show databases')).readLines().find { it.startsWith(' app ') }.split(/\|/)*.strip()[-2] == '1'
    }

    private static String console(String command) {
        "psql --quiet --host=127.0.0.1 --port=6432 --command='$command' pgbouncer"
    }

    private failover(Object... parameters) {
        ground.cli.run('run', 'replication/failover', 'orders', '--confirm=orders', *parameters)
    }

    private switchover(String standby, Object... parameters) {
        ground.cli.run('run', 'replication/switchover', 'orders', '--confirm=orders', '-p', "standby=$standby", *parameters)
    }
}
