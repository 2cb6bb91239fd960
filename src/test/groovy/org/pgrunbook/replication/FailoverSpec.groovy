package org.pgrunbook.replication

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.Specification

class FailoverSpec extends Specification {

    def "P67, P68, P72, P80, P81: after the primary was killed exactly one node takes writes, and the other follows it (#major)"() {
        given:
        def demo = DemoSandbox.up(major)
        demo.execute('pg1', 'create table t as select generate_series(1, 1000) as id')
        and: 'the synchronous standbys of the new primary are those that do not follow it yet'
        ['pg1', 'pg2', 'pg3'].each { demo.execute(it, "alter system set synchronous_standby_names = 'ANY 1 (pg1, pg2, pg3)'", 'select pg_reload_conf()') }
        and: 'a promotion and a reload wake a standby: it does not sit out this interval'
        ['pg2', 'pg3'].each { demo.execute(it, "alter system set wal_retrieve_retry_interval = '60s'", 'select pg_reload_conf()') }
        demo.sandbox.kill('pg1')

        when:
        def begin = System.nanoTime()
        def failover = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo')

        then:
        failover.exit == 0
        failover.out.contains('lose no WAL')
        !failover.out.contains('a commit waited')
        !failover.out.contains('commits wait: ')
        System.nanoTime() - begin < 30e9
        demo.ask('pg2', 'select pg_is_in_recovery()') == false
        demo.ask('pg2', 'select count(*) from t') == 1000

        and: 'pg3 streams by a slot of its own on pg2'
        demo.ask('pg3', 'select pg_is_in_recovery()') == true
        demo.ask('pg2', "select string_agg(slot_name, ',') from pg_replication_slots where active") == 'pg3'
        demo.execute('pg2', 'insert into t values (1001)')
        demo.eventually { demo.ask('pg3', 'select count(*) from t') == 1001 }

        and: 'status shows the timeline that it receives'
        demo.cli.run('status').out =~ /(?m)^└─ pg3 +standby +2 /

        and: 'the edit of the inventory is told with file and line'
        failover.out =~ /inventory\.yml:\d+: role: primary -> role: standby\n.*inventory\.yml:\d+: role: standby -> role: primary/

        when: 'somebody starts the old primary by hand'
        demo.start('pg1')
        demo.execute('pg1', 'create table split_brain ()')

        then: 'P68: it is no second primary'
        def refused = thrown(java.sql.SQLException)
        refused.SQLState == '25006'

        cleanup:
        demo?.close()

        where:
        major << [18, 15]
    }

    def "P84: after the failover the next one goes by what is, not by what the inventory declares"() {
        given:
        def demo = DemoSandbox.up(18)
        demo.sandbox.kill('pg1')

        expect:
        demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo').exit == 0

        when: 'a backup is taken although the inventory was not edited'
        def backup = demo.cli.run('run', 'backup/base-backup', 'demo')

        then: 'it is taken of the real primary, with a warning that shows the edit'
        backup.exit == 0
        backup.out =~ /pg2 is the primary, not as the inventory declares; edit it, or let replication\/write-roles do it:\n.*inventory\.yml:\d+: role: /

        when: 'the new primary dies too'
        demo.sandbox.kill('pg2')
        def wrong = demo.cli.run('run', 'replication/failover', 'demo', '--confirm=demo')

        then: 'the node that the inventory still declares is recognised as an old one'
        wrong.exit == 3
        wrong.err.contains('pg1 was not the last primary: it ended on timeline 1, and pg3 is on timeline 2')

        cleanup:
        demo?.close()
    }

    def "a failover that nobody has written down is written into the inventory later"() {
        given:
        def demo = DemoSandbox.up(18)
        def inventory = demo.inventory("# ours\n" + demo.sandbox.inventory().toFile().text)
        demo.sandbox.kill('pg1')
        inventory.run('run', 'replication/failover', 'demo', '--confirm=demo').exit == 0

        when:
        def asked = inventory.run('run', 'replication/write-roles', 'demo')

        then:
        asked.exit == 3
        asked.err.contains('nobody is there to answer')
        inventory.run('inventory', 'demo').out =~ /pg1 +primary/

        when:
        def written = inventory.run('run', 'replication/write-roles', 'demo', '--yes')
        def again = inventory.run('run', 'replication/write-roles', 'demo')

        then:
        written.exit == 0
        written.out =~ /role: primary -> role: standby/
        inventory.run('inventory', 'demo').out =~ /pg1 +standby.*\n.*pg2 +primary/
        new File(inventory.environment.PGRUNBOOK_INVENTORY).text.startsWith('# ours\n')
        again.exit == 0
        again.out.contains('the inventory declares it already')

        when: 'the next one goes by it'
        demo.sandbox.kill('pg2')
        def right = inventory.run('run', 'replication/failover', 'demo', '--confirm=demo', '-p', 'writeInventory=true')

        then:
        right.exit == 0
        right.out.contains('lose no WAL')
        demo.ask('pg3', 'select pg_is_in_recovery()') == false
        inventory.run('inventory', 'demo').out =~ /pg3.*primary/

        cleanup:
        demo?.close()
    }

    def "P71: what fails before the promotion takes the fence away again"() {
        given:
        def demo = DemoSandbox.up(18)
        demo.sandbox.kill('pg1')
        def runbook = demo.folder.resolve('half.groovy').toFile()
        runbook.text = """\
            @Target Cluster cluster
            def evidence = step('look') { cluster.assess(5.seconds) }
            def old = evidence.node
            undo('unfence') { old.unfence() }
            step('fence') { old.fence(evidence, cluster, false) }
            step('see it') { waitUntil('it is marked', 1.seconds) { old.ssh.read('ls', old.postmaster.data).text().contains('standby.signal') } }
            refuseIf true, 'enough'
            """.stripIndent()

        when:
        def failed = demo.cli.run('run', runbook, 'demo')

        then:
        failed.exit == 1
        failed.err.contains('error: enough')

        when:
        demo.start('pg1')
        demo.execute('pg1', 'create table t ()')

        then:
        noExceptionThrown()

        cleanup:
        demo?.close()
    }
}
