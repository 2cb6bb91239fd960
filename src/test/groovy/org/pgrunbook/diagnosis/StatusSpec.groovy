package org.pgrunbook.diagnosis

import org.pgrunbook.journal.Json
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.inventory.InventoryReader
import org.pgrunbook.inventory.NodeSpec
import org.pgrunbook.postgres.Cluster
import org.pgrunbook.postgres.Lsn
import org.pgrunbook.postgres.Pooler
import org.pgrunbook.postgres.Standing
import org.pgrunbook.postgres.Standing.Kind
import org.pgrunbook.sandbox.Visitor
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

import java.nio.file.Path

@Stepwise
class StatusSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(17)

    def "a healthy cluster is shown node by node"() {
        when:
        def status = demo.cli.run('status')

        then:
        status.exit == 0
        status.out =~ /(?m)^pg1 +primary +1 +\S+ +- +- +- +\d+ of 97 \(1 %\) +17\.\d+/
        status.out =~ /(?m)^├─ pg2 +standby +1 +\S+ +\S+ k?B +.* async +\d+ of 97/
        status.out =~ /(?m)^└─ pg3 +standby +1 /
        status.out =~ /(?m)^pg4 +spare +- +-.*-$/
        status.out =~ /(?m)^pg1 +pg2 +physical +yes +reserved /
        status.out.contains('warning: there is no backup')
        status.err == ''
    }

    def "a standby stands below the node that it streams from, and who else gets WAL is shown apart"() {
        given:
        demo.execute('pg2', "select pg_create_physical_replication_slot('pg3', true)")
        follow('pg3', 'pg2')
        demo.execute('pg1', "select pg_create_physical_replication_slot('forgotten', true)")

        when:
        def status = demo.cli.run('status')

        then:
        status.exit == 0
        status.out =~ /(?m)^pg1 +primary .*\n└─ pg2 +standby .* async .*\n   └─ pg3 +standby +1 .* async /
        status.out =~ /(?m)^pg1 +forgotten +physical +no +reserved +\d/
        status.out.contains('warning: nobody uses slot "forgotten" on pg1: reserved, it keeps ')

        when:
        def lines = demo.cli.run('status', '--json').out.readLines().collect { Json.object(it) }
        def nodes = lines.findAll { it.kind == 'node' }.collectEntries { [it.node, it] }

        then: 'numbers are numbers'
        lines.every { it.v == 1 && it.cluster == 'demo' }
        nodes['demo/pg3'].upstream == 'demo/pg2'
        nodes['demo/pg3'].timeline == 1
        nodes['demo/pg3'].lagBytes instanceof Number
        nodes['demo/pg3'].delaySeconds instanceof Number
        nodes['demo/pg1'].connections.available == 97
        lines.find { it.kind == 'slot' && it.slot == 'forgotten' }.retainedBytes > 0
        lines.find { it.kind == 'slot' && it.slot == 'forgotten' }.active == false
        lines.find { it.kind == 'archiver' }.mode == 'on'
        lines.findAll { it.kind == 'sender' }*.slot.sort() == ['pg2', 'pg3']

        cleanup:
        follow('pg3', 'pg1')
        demo.execute('pg2', "select pg_drop_replication_slot('pg3')")
        demo.execute('pg1', "select pg_drop_replication_slot('forgotten')")
    }

    def "what runs on all nodes comes to the primary last, whatever the inventory claims"() {
        given:
        def claims = demo.sandbox.inventory().toFile().text
        def wrong = demo.inventory(claims.replaceFirst('role: primary', 'role: was').replaceFirst('role: standby', 'role: primary').replaceFirst('role: was', 'role: standby'))

        expect:
        demo.cli.run('run', 'maintenance/command', 'demo', '-p', 'command=true', '-n').out.contains('Run this on pg2, pg3, pg4, pg1, ')
        wrong.run('run', 'maintenance/command', 'demo', '-p', 'command=true', '-n').out.contains('Run this on pg2, pg3, pg4, pg1, ')
    }

    def "watched it looks again and again, ends well on Ctrl-C, and leaves no runs behind"() {
        given:
        def runs = demo.folder.resolve('state/runs').toFile()
        def before = runs.list()
        def watch = demo.start('watch', [], 'status', '--watch')

        when:
        def screen = demo.folder.resolve('watch').toFile()
        new spock.util.concurrent.PollingConditions(timeout: 60).eventually {
            assert screen.text.count('└─ pg3') >= 2
        }
        "kill -INT ${watch.pid()}".execute().waitFor()

        then:
        watch.waitFor() == 0
        runs.list() == before
    }

    def "before the first backup there is none, and no WAL to go by"() {
        when:
        def backups = demo.cli.run('backups', 'demo')

        then:
        backups.exit == 0
        backups.out =~ /there is no backup of "demo"/
    }

    def "a backup is listed with what it takes, and how far it leads"() {
        given:
        demo.cli.run('run', 'backup/base-backup', 'demo').exit == 0

        when:
        def backups = demo.cli.run('backups')
        def json = demo.cli.run('backups', '--json').out.readLines().collect { Json.object(it) }

        then:
        backups.exit == 0
        backups.out =~ /(?m)^demo +\d{8}T\d{6}Z-full +full +demo\/pg1 .* [\d.]+ MB .* complete +never +-$/
        backups.out =~ /(?m)^demo +1 +\S+Z +\S+Z .* [0-9A-F]{24}$/
        backups.out =~ /the newest moment\ndemo  \S+Z, .* ago, on timeline 1\n/
        json*.kind == ['backup', 'window', 'reach']
        demo.cli.run('status').out =~ /(?m)^newest backup: \d{8}T\d{6}Z-full, ended /
    }

    def "a restored copy on a spare is shown as what it is, and is no second primary"() {
        given:
        demo.ship()
        demo.restore().exit == 0

        when:
        def status = demo.cli.run('status')

        then:
        status.exit == 0
        status.out =~ /(?m)^pg4 +spare +2 +\S+ .* running a detached copy, writable$/

        cleanup:
        demo.clear()
    }

    def "WAL that is missing in the middle is told"() {
        given:
        demo.execute('pg1', 'create table t()', 'select pg_switch_wal()', 'create table u()', 'select pg_switch_wal()')
        new spock.util.concurrent.PollingConditions(timeout: 60).eventually {
            assert demo.ask('pg1', "select last_archived_wal = pg_walfile_name(pg_current_wal_lsn() - 1) from pg_stat_archiver")
        }
        demo.home('pg1').resolve('spool').toFile().listFiles().sort().first().delete()

        when:
        demo.cli.run('run', 'backup/ship-wal', 'demo')
        def backups = demo.cli.run('backups', 'demo')

        then:
        backups.exit == 1
        backups.out =~ /WAL that is missing\n.*\ndemo +1 +([0-9A-F]{24}) +\1 +1\n/
    }

    def "a cluster without a repository has no backups, and the error says what to do"() {
        given:
        def inventory = demo.folder.resolve('inventory.yml').toFile()
        def original = demo.cli.environment.PGRUNBOOK_INVENTORY
        inventory.text = Path.of(original).toFile().text.replaceFirst(/(?m)^ +repository: main$/, '')
        demo.cli.environment.PGRUNBOOK_INVENTORY = inventory.path

        when:
        def backups = demo.cli.run('backups', 'demo')
        def status = demo.cli.run('status', 'demo')

        then:
        backups.exit == 2
        backups.err.startsWith('error: cluster "demo" has no repository\nHINT: ')
        status.exit == 0
        status.out.contains('it has no repository for backups')

        cleanup:
        demo.cli.environment.PGRUNBOOK_INVENTORY = original
    }

    def "a pooler is shown with the node that it leads to, and told of if that is not the primary: #told"() {
        given:
        def cluster = new Cluster(InventoryReader.read(demo.sandbox.inventory()), 'demo', null)
        def standings = [pg1: Kind.UNREACHABLE, pg2: Kind.PRIMARY, pg3: Kind.STANDBY].collect { name, kind ->
            new Standing(cluster.node(name), NodeSpec.Role.STANDBY, kind, 1, Lsn.NONE, '', '', Optional.empty())
        }

        when:
        def shown = PoolerStatus.of('10.0.0.9:6432', databases.collect { name, node ->
            new Pooler.Database(name, '127.0.0.1', node ? demo.port(node) : 1, '', paused)
        }, standings)

        then:
        shown*.database() == expected.keySet() as List
        shown.collect { it.node()?.name } == expected.values() as List
        shown*.worry()*.orElse(null).findAll().join('; ') == told

        where:
        databases                    | paused | expected                     || told
        [shop: 'pg2', reads: 'pg3']  | false  | [shop: 'pg2', reads: 'pg3']  || ''
        [shop: 'pg2', other: null]   | true   | [shop: 'pg2']                || 'pooler 10.0.0.9:6432, database "shop": its clients are held back (PAUSE)'
        [shop: 'pg1']                | false  | [shop: 'pg1']                || 'pooler 10.0.0.9:6432, database "shop": its clients are led to a node that is unreachable'
        [shop: 'pg3']                | false  | [shop: 'pg3']                || 'pooler 10.0.0.9:6432, database "shop": the pooler leads nobody to the primary'
        [other: null]                | false  | [(null): null]               || 'pooler 10.0.0.9:6432: none of its databases is on this cluster'
    }

    def "a pooler that cannot be asked does not keep the nodes from being shown"() {
        given:
        def pooled = demo.inventory(demo.sandbox.inventory().toFile().text.replaceFirst(/(?m)^( +)repository: main$/,
            '$0\n$1poolers: [ { pgbouncer: { host: 127.0.0.1, port: 1 } } ]'))

        when:
        def status = pooled.run('status')
        def line = pooled.run('status', '--json').out.readLines().collect { Json.object(it) }.find { it.kind == 'pooler' }

        then:
        status.exit == 0
        status.out =~ /(?m)^pooler +database +node +is +paused +remark\n127\.0\.0\.1:1 +- +- +- +- +\S/
        status.out.contains('warning: pooler 127.0.0.1:1: ')
        line.pooler == '127.0.0.1:1'
        line.paused == null
    }

    def "two writable primaries are shouted about, and what changes is refused"() {
        given:
        demo.ask('pg3', 'select pg_promote()')

        when:
        def status = demo.cli.run('status')
        def change = demo.cli.run('run', 'backup/base-backup', 'demo')

        then:
        status.exit == 1
        status.out =~ /(?m)^warning: TWO WRITABLE PRIMARIES: pg1 \(timeline 1, \S+\) and pg3 \(timeline 2, \S+\)/
        status.err.contains('error: TWO WRITABLE PRIMARIES: pg1')
        status.out =~ /(?m)^pg3 +primary .* declared as standby$/
        change.exit == 3
        change.err.contains('cluster "demo" has 2 writable primaries')
    }

    def "nodes that are down are shown with the reason"() {
        given:
        ['pg1', 'pg2', 'pg3'].each { demo.sandbox.kill(it) }

        when:
        def status = demo.cli.run('status')

        then:
        status.exit == 1
        status.out =~ /(?m)^pg1 +unreachable .*connection refused/
        status.out.contains('warning: no node is known to take writes')
        status.err.contains('error: no node is known to take writes')
        status.out =~ /newest backup: /
    }

    private void follow(String standby, String upstream) {
        demo.execute(standby, "alter system set primary_conninfo = 'host=127.0.0.1 port=${demo.port(upstream)} user=replicator passfile=../.pgpass'",
            'select pg_reload_conf()')
        demo.eventually { demo.ask(standby, "select count(*) from pg_stat_wal_receiver where status = 'streaming' and sender_port = ${demo.port(upstream)}") == 1 }
    }
}
